/**
 * What a strategy returned, made safe (D3): a list of contact points, each read and written anew, and bounded in number.
 */
import type { Address } from '@nest-cluster/protocol';
import { contactPoint, parseContactPoint } from '../ports/contact-point.js';

/** Most contact points taken from one answer; membership needs one that is alive. */
export const CONTACTS_MAX = 1_000;
/** Most entries that are looked at, so that a list of a million does not hold up the application. */
const ENTRIES_MAX = 10_000;

export interface FoundContacts {
  readonly contacts: readonly Address[];
  /** What was left out and why; nothing when all was well. */
  readonly complaint: string | undefined;
}

export function readContacts(answer: unknown): FoundContacts {
  if (!Array.isArray(answer))
    return { contacts: [], complaint: `it returned no list, but ${describe(answer)}` };
  const contacts = new Set<Address>();
  let unread = 0;
  let example: unknown;
  let over = Math.max(0, answer.length - ENTRIES_MAX);
  for (const item of answer.slice(0, ENTRIES_MAX) as readonly unknown[]) {
    const parsed = typeof item === 'string' && item.length <= 300 ? parseContactPoint(item) : undefined;
    if (parsed === undefined) {
      if (unread++ === 0) example = item;
    } else if (contacts.size < CONTACTS_MAX) {
      contacts.add(asAddress(contactPoint(parsed.host, parsed.port)));
    } else {
      over++;
    }
  }
  const complaints = [
    unread === 0 ? undefined : `${unread} entries are not host:port, such as ${describe(example)}`,
    over === 0 ? undefined : `${over} entries beyond the first ${CONTACTS_MAX} were left out`,
  ].filter((complaint) => complaint !== undefined);
  return { contacts: [...contacts], complaint: complaints.length === 0 ? undefined : complaints.join('; ') };
}

/** Just written by `contactPoint`, so it is one. */
function asAddress(text: string): Address {
  return text as Address;
}

function describe(value: unknown): string {
  if (typeof value !== 'string') return value === null ? 'null' : typeof value;
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
