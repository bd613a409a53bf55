/** The code under test: the protocol that ships, or another build of it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StoreValue } from '@nest-cluster/core';
import { createNodeMachine, createReplica, isSettled } from '@nest-cluster/protocol';
import type { StoreCast } from './store/store-cast.js';
import type { Cast } from './world.js';

/** The control plane and the store of one build. */
export interface FullCast extends Cast {
  readonly store: StoreCast;
}

type Build = Pick<
  typeof import('@nest-cluster/protocol'),
  'createNodeMachine' | 'createReplica' | 'isSettled'
>;

const VALUE_BYTES_MAX = 1024 * 1024;

const values: Pick<StoreCast, 'valueOf' | 'textOf'> = {
  valueOf: (text) => StoreValue.of(text, VALUE_BYTES_MAX),
  textOf: (value) => (value instanceof StoreValue ? String(value.peek()) : ''),
};

export const PRODUCT: FullCast = {
  createMachine: createNodeMachine,
  store: { createReplica, isSettled, ...values },
};

/** The build of the protocol in this folder; it must have the shape of the one that ships. */
export async function castFrom(folder: string | undefined): Promise<FullCast> {
  if (folder === undefined) return PRODUCT;
  const build: Build = await import(pathToFileURL(join(folder, 'index.js')).href);
  return {
    createMachine: build.createNodeMachine,
    store: { createReplica: build.createReplica, isSettled: build.isSettled, ...values },
  };
}
