/**
 * What each life told its subscriber, in unbroken stretches: after a gap nothing is known of what came before.
 */
import type { History } from './history.js';
import type { Heard } from './records.js';

export interface Stretch {
  readonly life: string;
  /** When the stream was open; everything from then on is in it. */
  readonly since: number;
  readonly events: readonly Heard[];
}

export function stretchesOf(history: History): readonly Stretch[] {
  const open = new Map<string, { life: string; since: number; events: Heard[] }>();
  const all: Stretch[] = [];
  for (const heard of history.of('heard')) {
    if (heard.event === 'hello' || heard.event === 'reset') {
      const stretch = { life: heard.life, since: heard.t, events: [] };
      open.set(heard.life, stretch);
      all.push(stretch);
    } else open.get(heard.life)?.events.push(heard);
  }
  return all;
}

export function nodeOf(heard: Heard): { readonly name: string; readonly incarnation: string } {
  const node = heard.data['node'];
  const field = (key: string) =>
    typeof node === 'object' && node !== null ? String(Reflect.get(node, key)) : '';
  return { name: field('name'), incarnation: field('incarnation') };
}
