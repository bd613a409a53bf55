/**
 * The token that stands before every call. Compared in constant time: neither its length nor a matching beginning shows.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 random bits in 32 hexadecimal digits. */
export function drawToken(): string {
  return randomBytes(16).toString('hex');
}

export function isSameToken(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** What `Authorization: Bearer …` carries. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
