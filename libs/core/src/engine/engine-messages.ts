/**
 * What the main thread and the engine say to each other, whether a thread boundary lies between them or not. At most one
 * `news` is under way: the next one waits for `heard`, so that a blocked main thread makes no queue grow.
 */
import type { Address, ClusterErrorCode, Incarnation, NodeInfo } from '@nest-cluster/protocol';
import type { ClusterView, ControlPlaneCounters } from '../ports/control-plane.js';
import type { Answer } from './calls.js';
import type { News } from './newsroom.js';

/** What is asked of the engine, and what it replies with. */
export interface Requests {
  listen: { readonly asks: undefined; readonly gets: Listening };
  call: { readonly asks: CallRequest; readonly gets: unknown };
  counters: { readonly asks: undefined; readonly gets: ControlPlaneCounters };
  leave: { readonly asks: undefined; readonly gets: undefined };
  rejoin: { readonly asks: undefined; readonly gets: ClusterView };
  close: { readonly asks: undefined; readonly gets: undefined };
}

export interface Listening {
  readonly view: ClusterView;
  /** The port that is bound, whatever peers are told. */
  readonly port: number;
}

export interface CallRequest {
  readonly to: Incarnation;
  readonly topic: string;
  readonly body: unknown;
  readonly timeoutMs: number | undefined;
}

export type Request = {
  [Kind in keyof Requests]: {
    readonly type: 'request';
    readonly id: number;
    readonly kind: Kind;
    readonly asks: Requests[Kind]['asks'];
  };
}[keyof Requests];

export type Command =
  | Request
  | { readonly type: 'start' }
  | { readonly type: 'contacts'; readonly addresses: readonly Address[] }
  | { readonly type: 'stepDown' }
  | { readonly type: 'workEnded'; readonly token: number }
  | { readonly type: 'answer'; readonly key: number; readonly answer: Answer }
  /** The latest `news` was taken in. */
  | { readonly type: 'heard' };

export type Report =
  | { readonly type: 'reply'; readonly id: number; readonly gets: unknown }
  | {
      readonly type: 'refusal';
      readonly id: number;
      readonly code: ClusterErrorCode | undefined;
      readonly message: string;
    }
  | { readonly type: 'news'; readonly news: News }
  | {
      readonly type: 'ask';
      readonly key: number;
      readonly from: NodeInfo;
      readonly topic: string;
      readonly body: unknown;
    };
