/**
 * Collects what a step brings about, in order; emptied at the end of each step.
 */
import type { Incarnation } from '../node.js';
import type { StoreEffect } from './machine.js';
import type { StoreMessage } from './message.js';

export class Effects {
  private list: StoreEffect[] = [];

  push(effect: StoreEffect): void {
    this.list.push(effect);
  }

  send(to: Incarnation, message: StoreMessage): void {
    this.list.push({ type: 'send', to: [to], message });
  }

  take(): StoreEffect[] {
    const taken = this.list;
    if (taken.length > 0) this.list = [];
    return taken;
  }
}
