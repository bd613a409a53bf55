/**
 * Bounds of what callers may send, as the calls check them and the OpenAPI document shows them.
 */
export const KEYS_PER_PAGE = 100;
export const KEYS_PER_PAGE_MAX = 1_000;
export const TTL_MS_MAX = 2 ** 43;
/** The store's bound, in bytes; a character takes one at least. */
export const KEY_CHARS_MAX = 512;
/** `host:port`, in characters. */
export const ADDRESS_CHARS_MAX = 300;
/** Longest name of a node, in bytes; a character takes one at least. */
export const NODE_NAME_CHARS_MAX = 200;
export const ACKS = ['local', 'quorum', 'all'] as const;
