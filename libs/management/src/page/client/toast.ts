/**
 * What became of something that was clicked, for a while at the edge of the page, and for screen readers.
 */
import { messageOf } from './api.js';
import { element, part } from './dom.js';

const SHOWN_MS = 6_000;

export function tell(text: string, kind: 'done' | 'failed' = 'done'): void {
  const toast = element('p', { class: `toast ${kind}` }, text);
  part('toasts').append(toast);
  setTimeout(() => toast.remove(), SHOWN_MS);
}

/** Does something and says how it went. */
export async function attempt(done: string, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    tell(done);
    return true;
  } catch (error) {
    tell(messageOf(error), 'failed');
    return false;
  }
}
