/**
 * The stores of all processes of a world, their clients and their checkers. It hears of processes as a checker does, and
 * gives each a store; machines of the control plane know nothing of it.
 */
import { seededRandom, STORE_DEFAULTS } from '@nest-cluster/protocol';
import type { ReplicaNews } from '@nest-cluster/core';
import type { NodeEvent, Random, Resolver, StoreOptions } from '@nest-cluster/protocol';
import type { Checker, Ending } from '../checker.js';
import { Network } from '../network.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';
import { Memory } from './memory.js';
import type { StoreCast } from './store-cast.js';
import type { StoreChecker } from './store-checker.js';
import { StoreNode } from './store-node.js';
import type { Operation } from './story.js';
import { Story } from './story.js';

const LOOK_MS = 500;

export interface StoreSettings {
  readonly options: StoreOptions;
  /** Concurrent writes become all of their words; otherwise the latest wins. */
  readonly union: boolean;
  /** Clients may also clear everything. */
  readonly clears: boolean;
  /** Mean time between two calls of all clients together, in milliseconds. */
  readonly paceMs: number;
}

export class StoreFleet implements Checker {
  readonly nodes = new Map<Process, StoreNode>();
  readonly story = new Story();
  readonly checkers: StoreChecker[] = [];
  readonly random: Random;
  readonly settings: StoreSettings;
  readonly network: Network;
  chapter = 0;
  /** Somebody cleared the store in this chapter. */
  wasCleared = false;
  /** Somebody was asked to choose in this chapter, so that a side may be dropped (P4). */
  wasChosen = false;
  /** Frames were lost, repeated or held up in this chapter, by more than a cut. */
  wasRough = false;
  /** The furthest that any wall clock has ever been: what has run out by it may be gone anywhere. */
  wallMax = 0;
  private readonly memories = new Map<StoreNode, Memory>();

  constructor(
    readonly world: World,
    private readonly cast: StoreCast,
    isStrict = false,
  ) {
    this.random = seededRandom(world.settings.seed ^ 0x570e);
    this.settings = settingsOf(this.random, world.settings.weather.loss > 0, isStrict);
    this.network = new Network(world.agenda, world.conditions);
    world.trace?.fault(0, `store ${JSON.stringify(this.settings)}`);
    this.look();
  }

  get living(): StoreNode[] {
    return [...this.nodes.values()];
  }

  /** Every node of this chapter, those that ended included. */
  get everybody(): IterableIterator<StoreNode> {
    return this.memories.keys();
  }

  started(process: Process): void {
    const { world, cast, network, settings, random } = this;
    const { voters } = world.settings;
    const resolver: Resolver = (key, candidates) => {
      const words = candidates.map(({ value }) => this.wordsOf(value));
      for (const checker of this.checkers) checker.resolved?.(node, key, words);
      const text = [...new Set(words.flat())].sort().join(' ');
      return candidates.find(({ value }) => cast.textOf(value) === text)?.value ?? cast.valueOf(text);
    };
    const machine = cast.createReplica({
      self: process.info,
      options: settings.options,
      random: seededRandom(random() * 2 ** 32),
      ...(voters && { voters }),
      isCounted: (voters ?? world.settings.size) !== undefined,
      ...(settings.union && { resolver }),
    });
    const node: StoreNode = new StoreNode(process, machine, {
      agenda: world.agenda,
      network,
      isSettled: cast.isSettled,
      options: settings.options,
      voters: voters && new Set(voters),
      heard: (from, effect) => this.heard(from, effect),
      violation: (rule, what) => world.violate(rule, what),
    });
    this.nodes.set(process, node);
    this.memories.set(node, new Memory(this.story));
    for (const checker of this.checkers) checker.started?.(node);
    node.start();
  }

  ended(process: Process, _how: Ending): void {
    const node = this.nodes.get(process);
    if (node === undefined) return;
    this.nodes.delete(process);
    for (const checker of this.checkers) checker.ended?.(node);
    node.end();
  }

  event(process: Process, event: NodeEvent): void {
    this.nodes.get(process)?.event(event);
  }

  memoryOf(node: StoreNode): Memory {
    const memory = this.memories.get(node);
    if (memory === undefined) throw new Error(`${node.name} has no memory`);
    return memory;
  }

  /** A client's call; nothing happens when that node could not take it. */
  ask(node: StoreNode, kind: Operation['kind'], key: string, ack: Operation['ack'], ttlMs = 0): void {
    if (!node.isResponsive) return;
    const expiresAt = ttlMs === 0 ? 0 : Math.floor(node.host.wall()) + ttlMs;
    const seen = kind === 'clear' ? this.allWords(node) : this.visible(node, key);
    const { drops } = node;
    const at = this.world.agenda.now;
    const operation = this.story.add({ kind, key, node, ack, at, seen, expiresAt, drops });
    if (kind === 'clear') this.wasCleared = true;
    const { id, word } = operation;
    this.note(node, `${kind} ${key} ${word} over [${seen.join(' ')}] ${ack} ${ttlMs || ''}`);
    for (const checker of this.checkers) checker.asked?.(operation);
    if (kind === 'write') node.feed({ type: 'write', id, key, value: this.cast.valueOf(word), ttlMs, ack });
    else if (kind === 'delete') node.feed({ type: 'delete', id, key, ack });
    else node.feed({ type: 'clear', id, ack });
  }

  /** Words that a reader at this node gets for a key. */
  visible(node: StoreNode, key: string, wall = node.host.wall()): string[] {
    const entry = node.machine.lookup(key);
    if (entry?.value === undefined || (entry.expiresAt !== 0 && entry.expiresAt <= wall)) return [];
    return this.wordsOf(entry.value);
  }

  /** Everything that is visible at a node, and will not have run out by `wall`. */
  content(node: StoreNode, wall = node.host.wall()): Map<string, string> {
    const content = new Map<string, string>();
    for (const [key, { value, expiresAt }] of node.machine.entries())
      if (value !== undefined && (expiresAt === 0 || expiresAt > wall))
        content.set(key, this.cast.textOf(value));
    return content;
  }

  wordsOf(value: Parameters<StoreCast['textOf']>[0]): string[] {
    return this.cast.textOf(value).split(' ');
  }

  /** Whether a key was first written in this chapter. */
  isCurrent(key: string): boolean {
    return key.startsWith(`${this.chapter}.`);
  }

  /** Whether nobody deletes this key, and it does not expire. */
  isLasting(key: string): boolean {
    return this.isCurrent(key) && !this.wasCleared && !key.includes('.brief');
  }

  /** Whether only acts that count write this key. */
  isCounted(key: string): boolean {
    return this.isCurrent(key) && key.includes('.brief-');
  }

  /** Whether all concurrent writes of this key are visible. */
  isWhole(key: string): boolean {
    return this.isLasting(key) && (this.settings.union || key.includes('.fresh'));
  }

  turnPage(): void {
    this.chapter++;
    this.wasCleared = false;
    this.wasRough = false;
    this.wasChosen = false;
    this.story.turnPage();
    for (const node of this.memories.keys()) if (node.ended) this.memories.delete(node);
    for (const memory of this.memories.values()) memory.turnPage();
    for (const checker of this.checkers) checker.turnedPage?.();
  }

  violate(rule: string, what: string): void {
    this.world.violate(rule, what);
  }

  note(node: StoreNode, what: string): void {
    this.world.trace?.fault(this.world.agenda.now, `store of ${node.name}: ${what}`);
  }

  private allWords(node: StoreNode): string[] {
    const words: string[] = [];
    for (const [key, text] of this.content(node)) if (this.isCurrent(key)) words.push(...text.split(' '));
    return words;
  }

  private heard(node: StoreNode, effect: ReplicaNews): void {
    this.trace(node, effect);
    if (effect.type === 'change') {
      const { change } = effect;
      // A clock may be ahead for less time than passes between two looks.
      if (change.type === 'deleted' && change.expired)
        this.wallMax = Math.max(this.wallMax, node.host.wall());
      if (change.type === 'written' && this.isCurrent(change.key))
        this.memoryOf(node).show(this.wordsOf(change.value));
      for (const checker of this.checkers) checker.changed?.(node, change);
      return;
    }
    if (effect.type === 'replaced') this.memoryOf(node).drop();
    if (effect.type === 'ready' || effect.type === 'replaced') this.remember(node);
    if (effect.type === 'acked' || effect.type === 'failed') {
      const operation = this.story.operations.get(effect.id);
      if (operation === undefined || operation.node !== node) return;
      operation.state = effect.type === 'acked' ? 'acked' : effect.code;
      if (effect.type === 'acked') for (const checker of this.checkers) checker.acked?.(operation);
      return;
    }
    for (const checker of this.checkers) checker.told?.(node, effect);
  }

  /** After a copy only what it changed is told, so that the rest is looked at. */
  private remember(node: StoreNode): void {
    const memory = this.memoryOf(node);
    for (const [key, text] of this.content(node, 0)) if (this.isCurrent(key)) memory.show(text.split(' '));
  }

  readWalls(): void {
    for (const host of this.world.hosts) this.wallMax = Math.max(this.wallMax, host.wall());
  }

  private look(): void {
    this.readWalls();
    const { loss, duplication, reordering, tail } = this.world.conditions.weather;
    this.wasRough ||= loss + duplication + reordering + tail > 0 || this.world.conditions.isSlowed;
    for (const checker of this.checkers) checker.looked?.();
    this.world.agenda.in(LOOK_MS, () => this.look());
  }

  private trace(node: StoreNode, effect: ReplicaNews): void {
    if (this.world.trace === undefined) return;
    const shown = (value: unknown): unknown =>
      value instanceof Object && 'byteLength' in value
        ? this.cast.textOf(value as Parameters<StoreCast['textOf']>[0])
        : value;
    this.note(
      node,
      JSON.stringify(effect, (_key, value: unknown) => shown(value)),
    );
  }
}

function settingsOf(random: Random, loses: boolean, isStrict: boolean): StoreSettings {
  // A copy in a hundred parts never ends where each may get lost, which no link of ours does.
  const isTight = random() < 0.4 && !loses;
  random();
  const options: StoreOptions = {
    ...STORE_DEFAULTS,
    writeTimeoutMs: random() < 0.5 ? 1_000 : 5_000,
    minority: random() < 0.1 ? 'read-only' : 'available',
    ...(isTight && { batchBytesMax: 64, logMax: 16, recentMax: 8, inboxMax: 64 }),
  };
  const union = random() < 0.8;
  return {
    // What is not in a log is repaired by comparing the stores.
    options: isStrict && random() < 0.5 ? { ...options, logMax: 4 } : options,
    union,
    clears: random() < 0.15,
    paceMs: random() < 0.5 ? 40 : 250,
  };
}
