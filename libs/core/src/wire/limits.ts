/**
 * Every bound that a peer, or time, can reach on a link (W5). What is above a bound is dropped and counted, before
 * anything is allocated for it.
 */

/** Longest frame of the control plane, in bytes. Holds a push/pull of 4,096 members with the longest names there are. */
export const FRAME_BYTES_MAX = 4 * 1024 * 1024;

/** Longest frame before a peer has said who it is, in bytes. */
export const HANDSHAKE_FRAME_BYTES_MAX = 4 * 1024;

/** How long a stranger may take to become a peer, in milliseconds, from its first packet to the end of the handshake. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;

/** How long a peer may take to decide about a connection, in milliseconds; meanwhile no other is offered to it. */
export const OFFER_TIMEOUT_MS = 2_000;

/** How many strangers may be in the middle of a handshake; one more turns the oldest of them away. */
export const HANDSHAKES_PENDING_MAX = 256;

/** How many peers may be linked. */
export const LINKS_MAX = 4_096;

/** How many dials may be under way; more are reported as unreachable, and tried again later. */
export const DIALS_MAX = 1_024;

/** How many addresses are remembered that lead to a node which tells another one. */
export const ALIASES_MAX = 1_024;

/** Bytes that may wait for one slow peer before its link is closed. */
export const BACKLOG_BYTES_MAX = 16 * 1024 * 1024;

/** How long links may take to say goodbye when the transport closes or hangs up, in milliseconds. */
export const GOODBYE_TIMEOUT_MS = 500;

/** Node name, in bytes of UTF-8. */
export const NAME_BYTES_MAX = 255;

/** `host:port`, in bytes. */
export const ADDRESS_BYTES_MAX = 300;

/** Cluster name, in bytes of UTF-8. */
export const CLUSTER_BYTES_MAX = 255;

/** Features that a peer may name in its handshake, and the bytes of each. */
export const FEATURES_MAX = 32;
export const FEATURE_BYTES_MAX = 64;

/** Claims in one message. */
export const CLAIMS_MAX = 16_384;

/** Topic of a call, in bytes of UTF-8. */
export const TOPIC_BYTES_MAX = 64;

/** What a failed call, or a goodbye, may say about the reason, in bytes of UTF-8; longer texts are cut. */
export const REASON_BYTES_MAX = 1_024;

/** Values in the body of a call, each item of an array or map counted, and how deep they may be nested. */
export const PAYLOAD_ITEMS_MAX = 262_144;
export const PAYLOAD_DEPTH_MAX = 64;

/** Nodes whose bytes are remembered, so that they are not decoded again. */
export const KNOWN_NODES_MAX = 8_192;
