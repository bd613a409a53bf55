/** The code under test: the protocol and codec that ship, or another build of the protocol. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  decodeMessage,
  decodeStoreMessage,
  encodeMessage,
  encodeStoreMessage,
  StoreValue,
} from '@nest-cluster/core';
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

const codec = { encode: encodeMessage, decode: decodeMessage };
const VALUE_BYTES_MAX = 1024 * 1024;

const storeCodec: Omit<StoreCast, 'createReplica' | 'isSettled'> = {
  encode: encodeStoreMessage,
  decode: decodeStoreMessage,
  valueOf: (text) => StoreValue.of(text, VALUE_BYTES_MAX),
  textOf: (value) => (value instanceof StoreValue ? String(value.peek()) : ''),
};

export const PRODUCT: FullCast = {
  createMachine: createNodeMachine,
  ...codec,
  store: { createReplica, isSettled, ...storeCodec },
};

/** The build of the protocol in this folder; it must have the shape of the one that ships. */
export async function castFrom(folder: string | undefined): Promise<FullCast> {
  if (folder === undefined) return PRODUCT;
  const build: Build = await import(pathToFileURL(join(folder, 'index.js')).href);
  return {
    createMachine: build.createNodeMachine,
    ...codec,
    store: { createReplica: build.createReplica, isSettled: build.isSettled, ...storeCodec },
  };
}
