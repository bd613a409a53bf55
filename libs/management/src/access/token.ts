/**
 * The token that stands before every call. Compared in constant time: neither its length nor a matching beginning shows. It
 * is printed nowhere, unless somebody asks for it by name.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const HIDDEN = '[management token]';
/** Node takes no longer headers than 16 KiB in all. */
const CHARS_MAX = 4_096;

export class AccessToken {
  /** What logs and `JSON.stringify` cannot reach. */
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** 128 random bits in 32 hexadecimal digits. */
  static draw(): AccessToken {
    return new AccessToken(randomBytes(16).toString('hex'));
  }

  isSameAs(given: string): boolean {
    return timingSafeEqual(digest(given), digest(this.#text));
  }

  /** For the one who must be told a token that was drawn. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** What `Authorization: Bearer …` carries. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}

/** Why no call could ever carry this token; undefined when one can. */
export function faultOf(token: string): string | undefined {
  if (token === '') return 'is empty; leave it out, or set one';
  if (token.length > CHARS_MAX) return `has more than ${CHARS_MAX} characters, which no header carries`;
  if (/^\s|\s$/.test(token)) return 'begins or ends with a blank or a line break, which no header carries';
  if (!/^[\x21-\x7e]*$/.test(token))
    return 'holds blanks, control characters or letters beyond ASCII, which no header carries; take letters and digits';
  return undefined;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
