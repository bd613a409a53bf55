/**
 * The simplest machine that keeps its promises as long as nothing ends, so that each checker can be seen to speak up:
 * who is linked is up, and the lowest name leads. Its habits break one promise each.
 */
import type {
  Address,
  Effect,
  Input,
  Instant,
  Machine,
  NodeEvent,
  NodeInfo,
  NodeMachineConfig,
} from '@nest-cluster/protocol';

export type Habit =
  | 'everybodyLeads'
  | 'oneToken'
  | 'tellsTwice'
  | 'ignoresClosedLinks'
  | 'forgetsOnTick'
  | 'neverLeadsAgain'
  | 'keepsLeaderSecret'
  | 'ticksForNothing'
  | 'throws';

const LEASE_MS = 300;
const TICK_MS = 100;

export class ToyMachine implements Machine {
  private readonly linked = new Map<string, NodeInfo>();
  private readonly contacts = new Set<Address>();
  private deadline: number;
  private leader: NodeInfo | undefined;
  private isGreen = false;
  private token = 0;
  private hadLeader = false;

  constructor(
    private readonly config: NodeMachineConfig,
    now: Instant,
    private readonly habit?: Habit,
  ) {
    this.deadline = now.mono + TICK_MS;
  }

  step(input: Input, now: Instant): Effect[] {
    const effects: Effect[] = [];
    const tell = (event: NodeEvent): void => void effects.push({ type: 'event', event });
    if (input.type === 'contacts') for (const address of input.addresses) this.contacts.add(address);
    if (input.type === 'linkOpened') {
      const known = [...this.linked.values()].find(({ name }) => name === input.peer.name);
      if (known) this.down(known, tell);
      this.linked.set(input.peer.incarnation, input.peer);
      tell({ type: 'nodeUp', node: input.peer });
      if (this.habit === 'tellsTwice') tell({ type: 'nodeUp', node: input.peer });
    }
    if (input.type === 'linkClosed' && this.habit !== 'ignoresClosedLinks') {
      const node = this.linked.get(input.incarnation);
      if (node) this.down(node, tell);
    }
    if (input.type === 'tick' && this.habit !== 'ticksForNothing') this.tick(now, effects, tell);
    return effects;
  }

  nextDeadline(): number {
    return this.deadline;
  }

  private tick(now: Instant, effects: Effect[], tell: (event: NodeEvent) => void): void {
    if (this.habit === 'throws' && now.mono % 1 > 0.99) throw new Error('a habit');
    const { self, random, voters, size } = this.config;
    this.deadline = now.mono + TICK_MS;
    for (const address of this.contacts) effects.push({ type: 'dial', address });
    const [somebody] = this.linked.values();
    if (this.habit === 'forgetsOnTick' && somebody && random() < 0.001) this.down(somebody, tell);
    const all = [self, ...this.linked.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const isGreen = all.length >= (voters?.length ?? size ?? 1);
    if (isGreen !== this.isGreen)
      tell({ type: 'stateChanged', state: isGreen ? 'green' : 'red', previous: 'red' });
    this.isGreen = isGreen;
    const leader = isGreen || this.hadLeader ? all[0] : undefined;
    this.hadLeader ||= isGreen;
    if (leader !== this.leader && this.habit !== 'keepsLeaderSecret')
      tell({ type: 'leaderChanged', leader: leader ? { node: leader, token: 0 } : null });
    const isNew = leader !== this.leader;
    this.leader = leader;
    const leads = leader === self || (this.habit === 'everybodyLeads' && leader !== undefined);
    if (!leads || (this.habit === 'neverLeadsAgain' && !self.name.startsWith('node-0'))) return;
    if (isNew) this.token = this.habit === 'oneToken' ? 1 : now.wall;
    effects.push({
      type: 'lease',
      lease: { until: now.mono + LEASE_MS, wallUntil: now.wall + LEASE_MS, token: this.token },
    });
  }

  private down(node: NodeInfo, tell: (event: NodeEvent) => void): void {
    this.linked.delete(node.incarnation);
    tell({ type: 'nodeDown', node, reason: 'failed' });
  }
}
