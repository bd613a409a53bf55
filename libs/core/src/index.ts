// The cluster as a NestJS module: providers, decorators, runtime and default strategies.
export { decodeMessage, encodeMessage } from './wire/codec.js';
