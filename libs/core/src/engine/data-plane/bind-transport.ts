/**
 * Binds the transport of a data plane, TCP unless the configuration brings another.
 */
import type { Transport } from '../../ports/transport.js';
import { createTcpTransport } from '../../wire/index.js';
import type { DataPlaneConfig } from './config.js';
import { CONGESTED_BYTES } from './replica-links.js';

/** Room in a frame beside values: names, clocks, keys. */
const FRAME_ROOM_BYTES = 16 * 1024 * 1024;

export interface BoundTransport {
  readonly transport: Transport;
  /** What peers are told. */
  readonly port: number;
}

export async function bindTransport(config: DataPlaneConfig): Promise<BoundTransport> {
  const { port, mayMove } = config;
  try {
    return await bind(config, port);
  } catch (error) {
    if (!mayMove || port === 0) throw error;
    return bind(config, 0);
  }
}

async function bind(config: DataPlaneConfig, wanted: number): Promise<BoundTransport> {
  const { name, host, cluster, security, options, transport: inPlaceOfTcp } = config;
  const frameBytesMax = FRAME_ROOM_BYTES + options.siblingsMax * options.valueBytesMax;
  const backlogBytesMax = frameBytesMax + 2 * CONGESTED_BYTES;
  const transport =
    inPlaceOfTcp?.({ name, host, port: wanted }) ??
    createTcpTransport({ cluster, host, port: wanted, security, frameBytesMax, backlogBytesMax });
  const { port } = await transport.listen();
  return { transport, port };
}
