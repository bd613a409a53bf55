/**
 * What happens, as it happens, newest first. Drawn at most once per frame, so that a flood of writes costs no more than what
 * is shown of it; screen readers hear only what concerns the cluster.
 */
import { element, part, say } from './dom.js';
import { clock } from './format.js';
import type { ToldEvent } from './types.js';

/** Of what concerns the cluster, and of writes and deletes, so that many of these do not push out the others. */
const SHOWN = 200;

export class EventLog {
  private waiting: ToldEvent[] = [];
  private isDue = false;

  constructor() {
    part('log-store').addEventListener('change', (event) => {
      const { target } = event;
      part('log').classList.toggle('without-store', target instanceof HTMLInputElement && !target.checked);
    });
  }

  told(event: ToldEvent): void {
    this.waiting.push(event);
    if (this.waiting.length > SHOWN) this.waiting.shift();
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => this.draw());
  }

  note(text: string): void {
    this.told({ type: 'page', at: Date.now(), text });
  }

  private draw(): void {
    this.isDue = false;
    const log = part('log');
    for (const event of this.waiting) {
      const text = describeEvent(event);
      const kind = isOfStore(event) ? 'store' : 'cluster';
      const time = element('time', { datetime: new Date(event.at).toISOString() }, clock(event.at));
      log.prepend(element('li', { class: kind, 'data-type': event.type }, time, ' ', text));
      if (kind === 'cluster') say(part('spoken'), text);
    }
    this.waiting = [];
    for (const kind of ['store', 'cluster'])
      for (const old of Array.from(log.querySelectorAll(`.${kind}`)).slice(SHOWN)) old.remove();
  }
}

function isOfStore({ type }: ToldEvent): boolean {
  return type === 'storeWritten' || type === 'storeDeleted';
}

/** One sentence per event. */
export function describeEvent(event: ToldEvent): string {
  const text = (name: string) => String(event[name]);
  const node = nameOf(event['node']);
  switch (event.type) {
    case 'page':
      return text('text');
    case 'nodeUp':
      return `${node} is up`;
    case 'nodeDown':
      return event['reason'] === 'left' ? `${node} left` : `${node} failed`;
    case 'nodeChanged':
      return `${node} is ${text('status')}${event['seen'] === false ? ', and not heard directly' : ''}`;
    case 'stateChanged':
      return `the cluster is ${text('state')}, it was ${text('previous')}`;
    case 'leaderChanged':
      return event['leader'] === null ? 'nobody leads' : `${leaderText(event['leader'])}`;
    case 'leadershipAcquired':
      return `this node leads (token ${text('token')})`;
    case 'leadershipLost':
      return `this node leads no more: ${text('reason')}`;
    case 'partitionDetected':
      return `the cluster was apart: ${sidesText(event['sides'])}${event['waiting'] === true ? '; a choice is needed' : ''}`;
    case 'partitionHealed':
      return `a partition is over: ${text('merged')} keys taken, ${text('conflicts')} conflicts, ${text('deletes')} deletes, ${text('dropped')} dropped`;
    case 'storeWritten':
      return `${text('key')} was written by ${node}`;
    case 'storeDeleted':
      return `${text('key')} ${event['reason'] === 'expired' ? 'expired' : `was deleted by ${node}`}`;
    case 'storeConnected':
      return `replication with ${node} runs`;
    case 'storeDisconnected':
      return `replication with ${node} has stopped`;
    case 'storeReady':
      return `the store is ready: ${text('size')} keys`;
    case 'refused':
      return `${nameOf(event['holder'])} is a living process of the same name; this node stays out`;
    case 'admitted':
      return 'this node is a member now';
    case 'quorumRaised':
      return `${text('nodes')} nodes are up and size is ${text('size')}: ${text('quorum')} votes are needed now`;
    default:
      return event.type;
  }
}

function nameOf(node: unknown): string {
  if (typeof node === 'object' && node !== null) return String(Reflect.get(node, 'name'));
  return String(node);
}

function leaderText(leader: unknown): string {
  if (typeof leader !== 'object' || leader === null) return 'nobody leads';
  return `${String(Reflect.get(leader, 'node'))} leads (token ${String(Reflect.get(leader, 'token'))})`;
}

function sidesText(sides: unknown): string {
  if (!Array.isArray(sides)) return '';
  return sides.map((names: unknown) => (Array.isArray(names) ? names.join(', ') : '')).join(' | ');
}
