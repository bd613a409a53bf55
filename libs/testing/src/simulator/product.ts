/** The code under test: the protocol and codec that ship, or another build of the protocol. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeMessage, encodeMessage } from '@nest-cluster/core';
import { createNodeMachine } from '@nest-cluster/protocol';
import type { Cast } from './world.js';

const codec = { encode: encodeMessage, decode: decodeMessage };

export const PRODUCT: Cast = { createMachine: createNodeMachine, ...codec };

/** The build of the protocol in this folder; it must have the shape of the one that ships. */
export async function castFrom(folder: string | undefined): Promise<Cast> {
  if (folder === undefined) return PRODUCT;
  const build: Pick<typeof import('@nest-cluster/protocol'), 'createNodeMachine'> = await import(
    pathToFileURL(join(folder, 'index.js')).href
  );
  return { createMachine: build.createNodeMachine, ...codec };
}
