export { checkResolver, expectResolver, type ConflictSample, type ResolverFault } from './resolver-kit.js';
