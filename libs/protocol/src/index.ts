// The pure state machines of a cluster: who is there, who leads, what is shared.
export * from './error.js';
export * from './event.js';
export * from './instant.js';
export * from './machine.js';
export * from './message.js';
export * from './node.js';
export * from './options.js';
export * from './random.js';
export * from './node-machine.js';
export * from './store/index.js';
