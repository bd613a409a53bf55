/**
 * What the calls answer, as schemas.
 */
import { anything, choice, flag, list, object, orNull, text, whole, type Schema } from './schema.js';

const milliseconds = whole('wall clock, in milliseconds since 1970');
const state = choice('green', 'yellow', 'red');
const size = object({ expected: whole(), current: whole() });
const names = list(text());

export const leader: Schema = object({
  node: text('name of the node that leads'),
  token: whole('fencing token of its term'),
  guarantee: choice('quorum', 'engine', 'best-effort'),
});

const view = object(
  {
    state,
    size,
    leader: orNull(leader),
    store: object({ ready: flag(), size: whole() }),
    traffic: object({ bytesIn: whole(), bytesOut: whole() }),
    at: milliseconds,
  },
  'what this node says itself',
);

const nodeProperties = {
  name: text(),
  incarnation: text('one life of one process'),
  address: text('host:port of its control plane'),
  status: choice('up', 'degraded', 'suspect', 'down', 'left'),
  self: flag('it is the node that answers'),
  leader: flag('it leads, as far as the node that answers knows'),
  startedAt: milliseconds,
  upSince: milliseconds,
  voteSilent: flag('it started less than a lease ago and does not vote yet'),
  sees: list(text('name of a node that it hears directly, as it says itself')),
  view: orNull(view),
};

export const node: Schema = object(nodeProperties);
export const nodeDetail: Schema = object({
  ...nodeProperties,
  links: list(object({ node: text(), bytesIn: whole(), bytesOut: whole() })),
});

export const partition: Schema = object({
  id: text(),
  state: choice('waiting', 'merging', 'healed'),
  sides: list(names),
  detectedAt: milliseconds,
  report: orNull(
    object(
      { merged: whole(), conflicts: whole(), deletes: whole(), dropped: whole() },
      'keys that its end changed on the node that answers; null while it is not over',
    ),
  ),
});

export const cluster: Schema = object({
  cluster: text('name of the cluster'),
  self: text('name of the node that answers'),
  state,
  recovery: choice('automatic', 'manual'),
  member: flag('the node that answers takes part in the cluster'),
  size,
  quorum: whole('nodes that make a quorum'),
  leader: orNull(leader),
  since: object({ state: milliseconds, leader: milliseconds }),
  nodes: list(node),
  store: object({
    ready: flag(),
    size: whole(),
    replicas: object({ all: whole(), inSync: whole() }),
    conflicts: whole(),
    subscriptions: whole(),
  }),
  partitions: list(partition),
});

export const command: Schema = object({
  node: text('the node that was told'),
  accepted: choice('join', 'leave', 'halt', 'stepDown'),
});

export const readiness: Schema = object({ leader: flag(), token: whole() });

export const keyPage: Schema = object({
  keys: names,
  cursor: orNull(text('for the next page; null on the last')),
  total: whole('how many keys have the prefix'),
});

export const entry: Schema = object({
  key: text(),
  value: anything('any JSON'),
  exact: flag('false when JSON cannot say what the value is, or it is cut where a … stands'),
});

export const deletion: Schema = object({ key: text(), deleted: flag() });
export const purge: Schema = object({ deleted: whole('how many keys there were') });

export const difference: Schema = object({
  partition: text(),
  here: object(
    { keys: names, total: whole() },
    'changed on the side that answers; keeping another side drops it',
  ),
  sides: list(
    object({
      side: text('what keep takes'),
      written: names,
      deleted: names,
      conflicts: names,
      total: whole(),
    }),
  ),
});

export const problem: Schema = object({ statusCode: whole(), code: text(), message: text() });
