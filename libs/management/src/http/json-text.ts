/**
 * JSON of somebody else, looked over before it is parsed: deep nesting makes parsing slow, and numbers that JavaScript
 * cannot hold would be changed without a word.
 */
import { isKeptExactly } from './exact-number.js';
import { badRequest } from './problem.js';

/** The store takes no deeper values. */
const DEPTH_MAX = 64;
const SHOWN_CHARS = 40;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const NUMBER = /[-+.\deE]+/y;

export function parseJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  inspect(text);
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable();
  }
}

/** Throws for what is too deep, and for numbers that would be changed; whether it is JSON is the parser's to say. */
function inspect(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfText(text, at);
    else if (OPENING.has(code)) depth++;
    else if (CLOSING.has(code)) depth--;
    else if (code === MINUS || (code >= ZERO && code <= NINE)) at = inspectNumber(text, at);
    if (depth > DEPTH_MAX) throw badRequest(`the body has more than ${DEPTH_MAX} levels`);
  }
}

/** Where the text that begins here ends. */
function endOfText(text: string, begin: number): number {
  let at = begin + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/** Where the number that begins here ends. */
function inspectNumber(text: string, begin: number): number {
  NUMBER.lastIndex = begin;
  const [literal = ''] = NUMBER.exec(text) ?? [];
  if (isKeptExactly(literal)) return begin + literal.length - 1;
  const shown = literal.length > SHOWN_CHARS ? `${literal.slice(0, SHOWN_CHARS)}…` : literal;
  throw badRequest(`the number ${shown} cannot be kept exactly; send it as text`);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable();
  }
}

function unreadable() {
  return badRequest('the body is not JSON in UTF-8');
}
