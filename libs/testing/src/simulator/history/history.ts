/**
 * A cluster in virtual time that plays a written history instead of one drawn from a seed: nodes of one letter each, with
 * their stores, told what to do one step after the other.
 */
import type { ClusterView } from '@nest-cluster/core';
import { STORE_DEFAULTS } from '@nest-cluster/protocol';
import type { AckLevel, Choice, Partition, RecoveryMode } from '@nest-cluster/protocol';
import { oneLeader } from '../checkers/l1-one-leader.js';
import { block, crash, leave, loseHost, partition, pause, slow } from '../faults.js';
import type { Process } from '../process.js';
import type { FullCast } from '../product.js';
import type { StoreNode } from '../store/store-node.js';
import { World } from '../world.js';
import { settingsOf } from './history-settings.js';
import type { HistoryOptions } from './history-settings.js';
import { HistoryStores } from './history-stores.js';
import type { Outcome } from './history-stores.js';

const STEP_MS = 10;
const PATIENCE_MS = 60_000;

export class History {
  readonly world: World;
  private readonly stores: HistoryStores;
  private strangers = 0;

  constructor(
    cast: FullCast,
    private readonly options: HistoryOptions,
  ) {
    this.world = new World(settingsOf(options), cast);
    this.stores = new HistoryStores(this.world, cast.store, { ...STORE_DEFAULTS, ...options.store });
    this.world.checkers.all.push(oneLeader(this.world), this.stores);
  }

  /** Starts these nodes, all by default, and waits until they are ready and see each other. */
  begin(names = this.options.nodes): void {
    for (const name of names) this.start(name);
    this.settle(names);
  }

  /** Starts one: on its own host, on that of another, or on one where nobody was. */
  start(name: string, host = name): void {
    const { nodes } = this.options;
    const index = nodes.indexOf(host);
    const at = this.world.hosts[index < 0 ? nodes.length + this.strangers++ : index];
    this.world.start(index, at, name);
  }

  /** Ends as on SIGKILL. */
  kill(name: string): void {
    crash(this.world, this.process(name));
  }

  /** Its host is gone: nobody is told. */
  lose(name: string): void {
    loseHost(this.world, this.process(name));
  }

  /** Shuts down as on SIGTERM, and waits until it is gone. */
  stop(name: string): void {
    const process = this.process(name);
    leave(this.world, process);
    this.until(`${name} has shut down`, () => process.ended);
  }

  /** One after the other is shut down, starts again, and is waited for until it is ready and in sync. */
  restart(names: string): void {
    for (const name of names) {
      this.stop(name);
      this.start(name);
      this.until(`${name} is ready and in sync`, () => this.isReady(name) && this.isInSync(name));
    }
  }

  /** From here on only nodes of one group hear each other; nodes that are not named hear everybody. */
  cut(...groups: string[]): void {
    this.world.conditions.clear();
    partition(
      this.world,
      groups.map((group) => group.split('').map((name) => this.process(name))),
    );
  }

  /** The same, and waits until each side has given up the others. */
  part(...groups: string[]): void {
    this.cut(...groups);
    this.until(`nobody sees the other side of ${groups.join(' | ')}`, () =>
      groups.every((group) =>
        groups.every(
          (other) => other === group || group.split('').every((name) => this.seesNone(name, other)),
        ),
      ),
    );
  }

  heal(): void {
    this.world.conditions.clear();
    this.world.disturbed('healed');
  }

  /** The main thread makes no progress for so long. */
  block(name: string, ms: number): void {
    block(this.world, this.process(name), ms);
  }

  /** SIGSTOP, and SIGCONT after so long. */
  pause(name: string, ms: number): void {
    pause(this.world, this.process(name), ms);
  }

  /** What these two say to each other takes so much longer from now on. */
  delay(one: string, other: string, ms: number): void {
    slow(this.world, this.process(one), this.process(other), ms);
    slow(this.world, this.process(other), this.process(one), ms);
  }

  write(name: string, key: string, value: string, ack: AckLevel = 'local'): Outcome {
    return this.stores.write(this.store(name), key, value, ack);
  }

  delete(name: string, key: string, ack: AckLevel = 'local'): Outcome {
    return this.stores.delete(this.store(name), key, ack);
  }

  /** Writes, and waits until as many nodes as asked for have confirmed it. */
  confirm(name: string, key: string, value: string, ack: AckLevel): void {
    this.confirmed(this.write(name, key, value, ack), `${key} at ${name}`);
  }

  /** Fills the store with so many keys, which all nodes confirm. */
  fill(name: string, keys: number): void {
    let last: Outcome | undefined;
    for (let key = 0; key < keys; key++) last = this.write(name, `fill${key}`, 'f', 'all');
    if (last !== undefined) this.confirmed(last, `${keys} keys at ${name}`);
  }

  confirmed(outcome: Outcome, what: string): void {
    this.until(`${what} is confirmed or refused`, () => outcome.state !== 'waiting');
    if (outcome.state !== 'acked') throw new Error(`${what} was refused: ${outcome.state}`);
  }

  get(name: string, key: string): string | undefined {
    return this.stores.get(this.store(name), key);
  }

  /** What each of these nodes shows of a key; undefined where it shows nothing. */
  all(names: string, key: string): (string | undefined)[] {
    return names.split('').map((name) => this.get(name, key));
  }

  size(name: string): number {
    return this.store(name).machine.size;
  }

  isReady(name: string): boolean {
    return this.store(name).ready;
  }

  /** Replicates with everybody whom it sees. */
  isInSync(name: string): boolean {
    const { connected, process } = this.store(name);
    return [...this.world.witness(process).up.values()].every(({ incarnation }) =>
      connected.has(incarnation),
    );
  }

  sees(name: string, other: string): boolean {
    return this.world.witness(this.process(name)).sees(this.process(other).info);
  }

  view(name: string): ClusterView {
    return this.process(name).view();
  }

  leaders(): string[] {
    return [...this.world.running].filter((each) => each.isLeader()).map(({ info }) => info.name);
  }

  recovery(name: string, mode: RecoveryMode): void {
    this.store(name).feed({ type: 'recovery', mode });
    this.pass(1_000);
  }

  /** Partitions that wait for an operator at this node. */
  waiting(name: string): readonly Partition[] {
    return this.store(name)
      .machine.status()
      .partitions.filter(({ state }) => state === 'waiting');
  }

  /** Chooses for the partition that waits at this node: the side of the node of that name, or `merge`. */
  choose(name: string, keep: string, partitionId = this.waiting(name)[0]?.id ?? ''): Outcome {
    const choice: Choice =
      keep === 'merge' ? { kind: 'merge' } : { kind: 'keep', side: this.process(keep).info.incarnation };
    return this.stores.choose(this.store(name), partitionId, choice);
  }

  pass(ms: number): void {
    const { world } = this;
    world.agenda.run(world.agenda.now + ms, () => world.violation !== undefined);
    if (world.violation) throw new Error(`${world.violation.rule}: ${world.violation.what}`);
  }

  /** Lets time pass until it is so. */
  until(what: string, holds: () => boolean, patienceMs = PATIENCE_MS): void {
    const latest = this.world.agenda.now + patienceMs;
    while (!holds()) {
      if (this.world.agenda.now >= latest) throw new Error(`not within ${patienceMs} ms: ${what}`);
      this.pass(STEP_MS);
    }
  }

  /** Waits until these nodes see each other, are ready and in sync. */
  settle(names = this.names()): void {
    const isSettled = (name: string): boolean =>
      names.split('').every((other) => other === name || this.sees(name, other)) &&
      this.isReady(name) &&
      this.isInSync(name);
    this.until(`${names} see each other, are ready and in sync`, () => names.split('').every(isSettled));
  }

  /** The nodes that run. */
  names(): string {
    return [...this.world.running].map(({ info }) => info.name).join('');
  }

  private seesNone(name: string, others: string): boolean {
    return others.split('').every((other) => !this.sees(name, other));
  }

  private process(name: string): Process {
    const found = [...this.world.running].find(({ info }) => info.name === name);
    if (found === undefined) throw new Error(`${name} does not run`);
    return found;
  }

  private store(name: string): StoreNode {
    return this.stores.of(this.process(name));
  }
}
