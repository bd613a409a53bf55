/**
 * One life of this node (T1): its identity, the machine that decides for it, and the links that it has. Steps the machine
 * with one input after the other and carries the effects out in order; an input that arrives meanwhile waits its turn.
 */
import type { Address, Incarnation, Input, NodeInfo, NodeEvent, NodeMachine } from '@nest-cluster/protocol';
import type { ClusterView } from '../ports/control-plane.js';
import { NODE_SURROUNDINGS, type Surroundings } from '../ports/surroundings.js';
import type { Transport } from '../ports/transport.js';
import { encodeFrame } from '../wire/index.js';
import type { LeaseCell } from './lease-cell.js';

/** What the engine needs of a node's machine. */
export type DrivenMachine = Pick<NodeMachine, 'step' | 'nextDeadline' | 'view'>;

export interface LifeOwner {
  happened(event: NodeEvent): void;
  probed(roundTripMs: number): void;
  /** The machine broke a promise; this life is over. */
  failed(error: Error): void;
}

export class Life {
  readonly links = new Map<Incarnation, NodeInfo>();
  private readonly inputs: Input[] = [];
  private stepping = false;
  private isOver = false;

  constructor(
    readonly self: NodeInfo,
    private readonly machine: DrivenMachine,
    private readonly transport: Transport,
    private readonly cell: Pick<LeaseCell, 'set' | 'clear'>,
    private readonly owner: LifeOwner,
    private readonly around: Surroundings = NODE_SURROUNDINGS,
  ) {}

  view(): ClusterView {
    return { self: this.self, ...this.machine.view() };
  }

  /** Where the others that this life knew of were found. */
  known(): Address[] {
    const { members } = this.machine.view();
    return members
      .filter(({ node }) => node.incarnation !== this.self.incarnation)
      .map(({ node }) => node.address);
  }

  nextDeadline(): number {
    return this.isOver ? Infinity : this.machine.nextDeadline();
  }

  feed(input: Input): void {
    if (this.isOver) return;
    this.inputs.push(input);
    if (this.stepping) return;
    this.stepping = true;
    try {
      for (let next = this.inputs.shift(); next && !this.isOver; next = this.inputs.shift()) this.step(next);
    } catch (cause) {
      this.end();
      this.owner.failed(cause instanceof Error ? cause : new Error(String(cause)));
    } finally {
      this.stepping = false;
    }
  }

  /** Nothing is stepped any more, and nobody leads (L1). */
  end(): void {
    this.isOver = true;
    this.inputs.length = 0;
    this.cell.clear();
  }

  private step(input: Input): void {
    for (const effect of this.machine.step(input, this.around.clocks())) {
      switch (effect.type) {
        case 'send':
          this.transport.send(effect.to, encodeFrame({ kind: 'message', message: effect.message }));
          break;
        case 'dial':
          this.transport.dial(effect.address);
          break;
        case 'redial':
          this.transport.doubt?.(effect.incarnation);
          this.transport.dial(effect.address);
          break;
        case 'hangUp':
          this.transport.hangUp(effect.incarnation);
          break;
        case 'lease':
          this.cell.set(effect.lease);
          break;
        case 'probed':
          this.owner.probed(effect.roundTripMs);
          break;
        case 'event':
          this.owner.happened(effect.event);
          break;
      }
    }
  }
}
