/**
 * One line per thing that happened, the same every time for the same seed.
 */
import type { Message, NodeEvent, NodeInfo } from '@nest-cluster/protocol';
import type { Process } from './process.js';

export class Trace {
  constructor(
    private readonly print: (line: string) => void,
    readonly showsMessages = false,
  ) {}

  fault(now: number, what: string): void {
    this.line(now, '-- ', what);
  }

  event(now: number, { info }: Process, { type, ...rest }: NodeEvent): void {
    this.line(now, `${label(info)} `, `${type} ${JSON.stringify(rest, shorten)}`);
  }

  note(now: number, { info }: Process, what: string, peer: string, message?: Message): void {
    const told = message
      ? ` ${message.type} ${JSON.stringify({ ...message, type: undefined }, shorten)}`
      : '';
    this.line(now, `${label(info)} `, `${what} ${brief(peer)}${told}`);
  }

  private line(now: number, who: string, what: string): void {
    this.print(`${(now / 1_000).toFixed(6).padStart(11)} ${who}${what}`);
  }
}

function label({ name, incarnation }: NodeInfo): string {
  return `${name.split('@')[0]}/${incarnation.slice(0, 6)}`;
}

function isNode(value: unknown): value is NodeInfo {
  return typeof value === 'object' && value !== null && 'incarnation' in value && 'startedAt' in value;
}

/** Nodes by label, incarnations by their first digits: a line should fit on a screen. */
function shorten(_key: string, value: unknown): unknown {
  if (isNode(value)) return label(value);
  return typeof value === 'string' ? brief(value) : value;
}

function brief(text: string): string {
  return /^[0-9a-f]{32}$/.test(text) ? text.slice(0, 6) : text;
}
