// Links between nodes: bytes, their bounds, and who may talk.
export { decodeFrame, decodeMessage, encodeFrame, encodeMessage, type Frame } from './codec.js';
export { decodePayload, encodePayload } from './payload.js';
export * from './limits.js';
export type { LinkSecurity } from './security.js';
export { createTcpTransport, type TcpTransportOptions } from './tcp-transport.js';
export type { StoreBounds } from './store-format.js';
export { checkKey } from './store-key.js';
export { decodeStoreMessage } from './store-reader.js';
export { encodeStoreMessage } from './store-writer.js';
export { StoreValue } from './store-value.js';
export { VALUE_BYTES_CAP } from './value-format.js';
