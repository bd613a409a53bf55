// Who is there.
export * from './limits.js';
export { Membership, type MembershipConfig } from './membership.js';
