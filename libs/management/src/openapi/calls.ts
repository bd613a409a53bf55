/**
 * Every call as OpenAPI describes it: by controller and method, what it takes and answers.
 */
import * as answers from './answers.js';
import { anything, choice, object, partial, text, whole, type Schema } from './schema.js';

export interface CallDescription {
  readonly summary: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: { readonly schema: Schema; readonly required: boolean };
  readonly status?: number;
  readonly answer: { readonly description: string; readonly schema: Schema; readonly type?: string };
  /** Beside 401 and 403, which all but the open ones may answer. */
  readonly errors?: readonly number[];
  readonly isOpen?: boolean;
}

const nodeName = { name: 'name of a node' };
const key = { key: 'the key, percent-encoded' };
const ack = { ack: choice('local', 'quorum', 'all') };
const partitionId = { id: 'id of a partition' };

/** Undefined: not shown. */
export const CALLS: Readonly<Record<string, Readonly<Record<string, CallDescription | undefined>>>> = {
  ClusterController: {
    show: {
      summary: 'The whole cluster',
      answer: { description: 'as this node sees it', schema: answers.cluster },
    },
    change: {
      summary: 'Switch the recovery mode, on every node',
      body: { schema: object({ recovery: choice('automatic', 'manual') }), required: true },
      answer: { description: 'the cluster', schema: answers.cluster },
      errors: [400, 413, 503],
    },
    post: undefined,
    patch: undefined,
    delete: undefined,
  },
  NodesController: {
    list: {
      summary: 'All nodes: one life of each name, or past ones as well',
      query: { past: choice('true', 'false') },
      answer: {
        description: 'in order of name; the last one of a name is the one that is not past',
        schema: { type: 'array', items: answers.node },
      },
      errors: [400],
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
      body: { schema: partial({ address: text('host:port') }), required: false },
      status: 202,
      answer: { description: 'the node was told', schema: answers.command },
      errors: [400, 404, 409, 413, 503],
    },
    end: {
      summary: 'Leave the cluster, or end the application of a node',
      path: nodeName,
      query: { mode: choice('leave', 'halt') },
      status: 202,
      answer: { description: 'the node was told', schema: answers.command },
      errors: [400, 404, 409, 503],
    },
  },
  LeaderController: {
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
  },
  KeysController: {
    list: {
      summary: 'A page of keys, in order',
      query: { prefix: text(), limit: whole('1 to 1000, default 100'), cursor: text('of the page before') },
      answer: { description: 'the page', schema: answers.keyPage },
      errors: [400, 503],
    },
    purge: {
      summary: 'Delete every key',
      query: ack,
      answer: { description: 'they are deleted', schema: answers.purge },
      errors: [400, 503],
    },
    read: {
      summary: 'Read a key',
      path: key,
      answer: { description: 'the entry', schema: answers.entry },
      errors: [400, 404, 503],
    },
    write: {
      summary: 'Write a key; the body is the value',
      path: key,
      query: { ...ack, ttl: whole('milliseconds until it expires') },
      body: { schema: anything('any JSON'), required: true },
      answer: { description: 'it is written', schema: answers.entry },
      errors: [400, 413, 503],
    },
    remove: {
      summary: 'Delete a key',
      path: key,
      query: ack,
      answer: { description: 'it is deleted', schema: answers.deletion },
      errors: [400, 404, 503],
    },
  },
  PartitionsController: {
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
        schema: {
          ...partial({ choose: choice('merge', 'keep'), side: text('a node of the side to keep') }),
          required: ['choose'],
        },
        required: true,
      },
      answer: { description: 'the partition', schema: answers.partition },
      errors: [400, 404, 409, 413, 503],
    },
  },
  EventsController: {
    follow: {
      summary: 'Cluster and store events as they happen; Last-Event-ID goes on where a client stopped',
      answer: { description: 'server-sent events', schema: text(), type: 'text/event-stream' },
      errors: [503],
    },
  },
  PageController: {
    show: {
      summary: 'The page',
      query: { token: text('only to open the page') },
      answer: { description: 'the page', schema: text(), type: 'text/html' },
    },
  },
};

export const ERRORS: Readonly<Record<number, string>> = {
  400: 'something about the call is wrong',
  401: 'the token is missing or wrong',
  403: 'a guard of the application refuses it',
  404: 'there is no such thing',
  409: 'not in this state',
  413: 'the body is too large',
  503: 'not now, or not on this node',
};
