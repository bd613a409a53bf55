/**
 * The stores of a written history, and the calls of its applications.
 */
import type { ReplicaNews } from '@nest-cluster/core';
import { seededRandom } from '@nest-cluster/protocol';
import type {
  AckLevel,
  Choice,
  ClusterErrorCode,
  NodeEvent,
  Random,
  StoreInput,
  StoreOptions,
} from '@nest-cluster/protocol';
import type { Checker } from '../checker.js';
import { Network } from '../network.js';
import type { Process } from '../process.js';
import type { StoreCast } from '../store/store-cast.js';
import { StoreNode } from '../store/store-node.js';
import type { World } from '../world.js';

/** What became of a call. */
export interface Outcome {
  state: 'waiting' | 'acked' | ClusterErrorCode;
}

export class HistoryStores implements Checker {
  private readonly nodes = new Map<Process, StoreNode>();
  private readonly outcomes = new Map<number, Outcome>();
  private readonly network: Network;
  private readonly random: Random;
  private lastId = 0;

  constructor(
    private readonly world: World,
    private readonly cast: StoreCast,
    private readonly options: StoreOptions,
  ) {
    this.network = new Network(world.agenda, world.conditions);
    this.random = seededRandom(world.settings.seed);
  }

  started(process: Process): void {
    const { world, cast, options, network } = this;
    const { voters } = world.settings;
    const machine = cast.createReplica({
      self: process.info,
      options,
      random: seededRandom(this.random() * 2 ** 32),
      ...(voters && { voters }),
      isCounted: (voters ?? world.settings.size) !== undefined,
    });
    const node = new StoreNode(process, machine, {
      agenda: world.agenda,
      network,
      isSettled: cast.isSettled,
      options,
      voters: voters && new Set(voters),
      heard: (_node, news) => this.heard(news),
      violation: (rule, what) => world.violate(rule, what),
    });
    this.nodes.set(process, node);
    node.start();
  }

  ended(process: Process): void {
    this.nodes.get(process)?.end();
    this.nodes.delete(process);
  }

  event(process: Process, event: NodeEvent): void {
    this.nodes.get(process)?.event(event);
  }

  of(process: Process): StoreNode {
    const node = this.nodes.get(process);
    if (node === undefined) throw new Error(`${process.info.name} has no store`);
    return node;
  }

  get({ machine, host }: StoreNode, key: string): string | undefined {
    const entry = machine.lookup(key);
    if (entry?.value === undefined || (entry.expiresAt !== 0 && entry.expiresAt <= host.wall()))
      return undefined;
    return this.cast.textOf(entry.value);
  }

  write(node: StoreNode, key: string, text: string, ack: AckLevel): Outcome {
    const value = this.cast.valueOf(text);
    return this.call(node, (id) => ({ type: 'write', id, key, value, ttlMs: 0, ack }));
  }

  delete(node: StoreNode, key: string, ack: AckLevel): Outcome {
    return this.call(node, (id) => ({ type: 'delete', id, key, ack }));
  }

  choose(node: StoreNode, partition: string, choice: Choice): Outcome {
    return this.call(node, (id) => ({ type: 'resolve', id, partition, choice }));
  }

  private call(node: StoreNode, input: (id: number) => StoreInput): Outcome {
    const id = ++this.lastId;
    const outcome: Outcome = { state: 'waiting' };
    this.outcomes.set(id, outcome);
    node.feed(input(id));
    return outcome;
  }

  private heard(news: ReplicaNews): void {
    if (news.type !== 'acked' && news.type !== 'failed') return;
    const outcome = this.outcomes.get(news.id);
    this.outcomes.delete(news.id);
    if (outcome !== undefined) outcome.state = news.type === 'acked' ? 'acked' : news.code;
  }
}
