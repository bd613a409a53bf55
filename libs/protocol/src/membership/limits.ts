/**
 * Every bound that a peer can reach, in one place (W5). The codec holds the same bounds for what it decodes.
 */

/** Claims that ride on one message that is not a push/pull. */
export const CLAIMS_PER_MESSAGE = 12;

/** Claims in one push/pull. */
export const CLAIMS_PER_SYNC = 4_096;

/** Claims about members that went away in one push/pull; the newest ones. */
export const DOWN_CLAIMS_PER_SYNC = 256;

/** Indirect probes that this node carries out for others at one time. */
export const RELAYS_MAX = 256;

/** Contact points remembered with their back-off. */
export const CONTACTS_MAX = 1_024;

/** Disputes over a name that are under way at one time. */
export const CONTESTS_MAX = 64;

/** Before a member that is doubted is dialled a second time, in milliseconds. */
export const SECOND_DIAL_MS = 10;
