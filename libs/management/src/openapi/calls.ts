/**
 * Every call as OpenAPI describes it: what it takes and answers.
 */
import {
  ACKS,
  ADDRESS_CHARS_MAX,
  KEYS_PER_PAGE,
  KEYS_PER_PAGE_MAX,
  KEY_CHARS_MAX,
  NODE_NAME_CHARS_MAX,
  TTL_MS_MAX,
} from '../limits.js';
import * as answers from './answers.js';
import type { CallDescription } from './call.js';
import { anything, between, bounded, byDefault, choice, either, object, partial, text } from './schema.js';

const nodeName = { name: bounded(NODE_NAME_CHARS_MAX, 'name of a node, percent-encoded') };
const key = { key: bounded(KEY_CHARS_MAX, 'the key, percent-encoded; 512 bytes of UTF-8 at most') };
const ack = { ack: byDefault('quorum', choice(...ACKS)) };
const partitionId = { id: bounded(NODE_NAME_CHARS_MAX, 'id of a partition') };

type Calls<Name extends string> = Readonly<Record<Name, CallDescription>>;

export const clusterCalls: Calls<'show' | 'change'> = {
  show: {
    summary: 'The whole cluster',
    answer: { description: 'as this node sees it', schema: answers.cluster },
  },
  change: {
    summary: 'Switch the recovery mode, on every node',
    body: { schema: object({ recovery: choice('automatic', 'manual') }), required: true },
    answer: { description: 'the cluster', schema: answers.cluster },
    errors: [503],
  },
};

export const nodeCalls: Calls<'list' | 'show' | 'join' | 'end'> = {
  list: {
    summary: 'All nodes: one life of each name, or past ones as well',
    query: { past: byDefault('false', choice('true', 'false')) },
    answer: {
      description: 'in order of name; the last one of a name is the one that is not past',
      schema: { type: 'array', items: answers.node },
    },
  },
  show: {
    summary: 'One node, with the traffic of its links',
    path: nodeName,
    answer: { description: 'the node', schema: answers.nodeDetail },
    errors: [404],
  },
  join: {
    summary:
      'Run discovery on a node now, or dial an address; brings back a node that left, when asked itself',
    path: nodeName,
    body: { schema: partial({ address: bounded(ADDRESS_CHARS_MAX, 'host:port') }), required: false },
    status: 202,
    answer: { description: 'the node was told', schema: answers.command },
    errors: [404, 409, 503],
  },
  end: {
    summary: 'Leave the cluster, or end the application of a node',
    path: nodeName,
    query: { mode: byDefault('leave', choice('leave', 'halt')) },
    status: 202,
    answer: { description: 'the node was told', schema: answers.command },
    errors: [404, 409, 503],
  },
};

export const leaderCalls: Calls<'show' | 'stepDown' | 'readiness'> = {
  show: {
    summary: 'Who leads',
    answer: { description: 'the leader that this node knows of', schema: answers.leader },
    errors: [404],
  },
  stepDown: {
    summary: 'The leader steps down',
    status: 202,
    answer: { description: 'the leader was told', schema: answers.command },
    errors: [404, 409, 503],
  },
  readiness: {
    summary: 'Whether this node leads',
    answer: { description: 'it does', schema: answers.readiness },
    errors: [503],
    isOpen: true,
  },
};

export const keyCalls: Calls<'list' | 'purge' | 'read' | 'write' | 'remove'> = {
  list: {
    summary: 'A page of keys, in order',
    query: {
      prefix: text('only keys that begin with it'),
      limit: byDefault(KEYS_PER_PAGE, between(1, KEYS_PER_PAGE_MAX, 'keys of a page')),
      cursor: text('of the page before'),
    },
    answer: { description: 'the page', schema: answers.keyPage },
    errors: [503],
  },
  purge: {
    summary: 'Delete every key',
    query: { all: choice('true'), ...ack },
    required: ['all'],
    answer: { description: 'they are deleted', schema: answers.purge },
    errors: [503],
  },
  read: {
    summary: 'Read a key',
    path: key,
    answer: { description: 'the entry', schema: answers.entry },
    errors: [404, 503],
  },
  write: {
    summary: 'Write a key; the body is the value',
    path: key,
    query: { ...ack, ttl: between(1, TTL_MS_MAX, 'milliseconds until it expires') },
    body: {
      schema: anything('any JSON of 64 levels at most, and of numbers that a double holds'),
      required: true,
    },
    answer: { description: 'it is written', schema: answers.entry },
    errors: [503],
  },
  remove: {
    summary: 'Delete a key',
    path: key,
    query: ack,
    answer: { description: 'it is deleted', schema: answers.deletion },
    errors: [404, 503],
  },
};

export const partitionCalls: Calls<'list' | 'diff' | 'resolve'> = {
  list: {
    summary: 'Partitions that this node knows of',
    answer: {
      description: 'those that are over included',
      schema: { type: 'array', items: answers.partition },
    },
  },
  diff: {
    summary: 'What a choice would do',
    path: partitionId,
    answer: { description: 'the difference', schema: answers.difference },
    errors: [404, 503],
  },
  resolve: {
    summary: 'Merge the sides of a partition, or keep one of them',
    path: partitionId,
    body: {
      schema: either(
        object({ choose: choice('merge') }),
        object({
          choose: choice('keep'),
          side: bounded(NODE_NAME_CHARS_MAX, 'a node of the side to keep'),
        }),
      ),
      required: true,
    },
    answer: { description: 'the partition', schema: answers.partition },
    errors: [404, 409, 503],
  },
};

export const eventCalls: Calls<'follow'> = {
  follow: {
    summary: 'Cluster and store events as they happen; Last-Event-ID goes on where a client stopped',
    answer: { description: 'server-sent events', schema: text(), type: 'text/event-stream' },
    errors: [503],
  },
};

export const pageCalls: Calls<'show'> = {
  show: {
    summary: 'The page',
    query: { token: text('only to open the page') },
    answer: { description: 'the page', schema: text(), type: 'text/html' },
  },
};

/** Every call may answer the first, and every call that asks for a token the second. */
export const ERRORS_OF_ALL = [400];
export const ERRORS_OF_ACCESS = [401, 403];
/** Every call that takes a body may answer these. */
export const ERRORS_OF_BODIES = [408, 413, 415, 503];

export const ERRORS: Readonly<Record<number, string>> = {
  400: 'something about the call is wrong',
  401: 'the token is missing or wrong',
  403: 'a guard of the application refuses it',
  404: 'there is no such thing',
  408: 'the body did not arrive in time',
  409: 'not in this state',
  413: 'the body is too large',
  415: 'the body is compressed',
  503: 'not now, or not on this node',
};
