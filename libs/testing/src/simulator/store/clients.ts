/** Clients of all nodes: while an act is played, they write, delete and clear at random, on few keys and on fresh ones. */
import type { AckLevel } from '@nest-cluster/protocol';
import type { StoreFleet } from './fleet.js';
import { pick } from '../settings.js';

const SHARED_KEYS = 3;
const BRIEF_KEYS = 4;
const LEVELS: readonly AckLevel[] = ['local', 'quorum', 'quorum', 'all'];

export class Clients {
  private isWorking = false;
  private fresh = 0;

  constructor(private readonly fleet: StoreFleet) {}

  start(): void {
    if (this.isWorking) return;
    this.isWorking = true;
    this.next();
  }

  stop(): void {
    this.isWorking = false;
  }

  /** One call of somebody. */
  call(): void {
    const { fleet } = this;
    const { random, chapter, settings } = fleet;
    const node = pick(fleet.living, random);
    if (node === undefined) return;
    const ack = pick(LEVELS, random);
    const brief = `${chapter}.brief${Math.floor(random() * BRIEF_KEYS)}`;
    const dice = random();
    if (dice < 0.4) fleet.ask(node, 'write', `${chapter}.shared${Math.floor(random() * SHARED_KEYS)}`, ack);
    else if (dice < 0.5) fleet.ask(node, 'write', `${chapter}.fresh${this.fresh++}`, ack);
    else if (dice < 0.7) fleet.ask(node, 'write', brief, ack);
    else if (dice < 0.88) fleet.ask(node, 'delete', brief, ack);
    else if (dice < 0.995 || !settings.clears)
      fleet.ask(node, 'write', brief, ack, Math.floor(100 + random() * 4_000));
    else fleet.ask(node, 'clear', '', ack);
  }

  private next(): void {
    const { world, random, settings } = this.fleet;
    world.agenda.in(-settings.paceMs * Math.log(1 - random()), () => {
      if (!this.isWorking) return;
      this.call();
      // Several calls of one turn leave together.
      if (random() < 0.2) this.call();
      this.next();
    });
  }
}
