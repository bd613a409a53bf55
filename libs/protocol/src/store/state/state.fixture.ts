/**
 * For tests: one copy of the store without a node around it.
 */
import { bytes } from '../letters.fixture.js';
import type { Resolver, StoreChange, StoreEffect } from '../machine.js';
import { STORE_DEFAULTS, type StoreOptions } from '../options.js';
import type { Replica, Sibling } from './entry.js';
import { StoreState } from './store-state.js';

export function replicaOf(name: string, generation = 0): Replica {
  return { name, incarnation: name.padStart(32, '0'), generation } as Replica;
}

export interface Rig {
  readonly state: StoreState;
  readonly told: StoreEffect[];
  /** What was told of changes: `written k=v`, `deleted k`, `expired k`. */
  lines(): string[];
  sibling(writer: string, counter: number, text: string, more?: Partial<Sibling>): Sibling;
}

export function rigOf(name = 'self', options: Partial<StoreOptions> = {}, resolver?: Resolver): Rig {
  const told: StoreEffect[] = [];
  const tell = (effect: StoreEffect): unknown => told.push(effect);
  const state = new StoreState(replicaOf(name), { ...STORE_DEFAULTS, ...options }, resolver, tell);
  return {
    state,
    told,
    lines: () => told.flatMap((effect) => (effect.type === 'change' ? lineOf(effect.change) : [])),
    sibling: (writer, counter, text, more = {}) => {
      const origin = state.origins.of(replicaOf(writer)).index;
      return { origin, counter, value: bytes(text), time: counter, expiresAt: 0, ...more };
    },
  };
}

function lineOf(change: StoreChange): string {
  if (change.type === 'written')
    return `written ${change.key}=${String.fromCharCode(...(change.value as Uint8Array))}`;
  return `${change.expired ? 'expired' : 'deleted'} ${change.key}`;
}
