/**
 * Finds the nodes of one network by UDP multicast (or broadcast), without any server (D1, D2, D4, W2, W4).
 *
 * When things fail: an interface that cannot be used is left out and tried again with each discovery; with none left, or
 * the port taken by a program that does not share it, `start` and `discover` fail and are tried again. Datagrams that
 * are foreign, forged, repeated or damaged are dropped and reported. What a lost datagram would have said comes with
 * the next discovery. Where the network carries no multicast, nodes of different hosts do not find each other.
 */
import type {
  ClusterStrategy,
  ContactPoint,
  StrategyContext,
  StrategyDefinition,
} from '../../ports/cluster-strategy.js';
import { Conversation } from './conversation.js';
import { presentInterfaces } from './interfaces.js';
import type { GossipOptions, GossipSettings } from './settings.js';
import { resolveGossip } from './settings.js';

export type { GossipOptions } from './settings.js';

/** Nodes of one network find each other by multicast. Options not given come from `CLUSTER_GOSSIP_*`. */
export function gossip(options: GossipOptions = {}): StrategyDefinition {
  return {
    name: 'gossip',
    create: (env) => new GossipStrategy(resolveGossip(options, env).settings),
    problems: (env) => resolveGossip(options, env).problems,
  };
}

class GossipStrategy implements ClusterStrategy {
  readonly name = 'gossip';
  readonly carriesPort = true;
  private conversation: Conversation | undefined;

  constructor(private readonly settings: GossipSettings) {}

  /** On the interface that it was told to use, others reach this node, too; the first one of the machine may be a NAT's. */
  identity(): { readonly host?: string } {
    const { interfaces } = this.settings;
    const [first] = interfaces.length === 0 ? [] : presentInterfaces(interfaces, false);
    return first === undefined ? {} : { host: first.address };
  }

  async start(context: StrategyContext): Promise<void> {
    this.stop();
    const conversation = new Conversation(this.settings, context);
    this.conversation = conversation;
    try {
      await conversation.open();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  async discover(): Promise<readonly ContactPoint[]> {
    return (await this.conversation?.discover()) ?? [];
  }

  stop(): void {
    this.conversation?.close();
    this.conversation = undefined;
  }
}
