/**
 * One life of a node on the gossip channel, from `start` to `stop`: it asks who is there, answers those who ask, and
 * remembers where the others are.
 *
 * A node that asks says where it is, so that every node that hears it dials it at once; answers are for what was missed. They
 * go to all after a random wait, and a node that has heard three others answer meanwhile keeps silent: two hundred nodes that
 * hear one question give a few answers.
 */
import type { ContactPoint, StrategyContext } from '../../ports/cluster-strategy.js';
import { contactPoint } from '../../ports/contact-point.js';
import { GossipChannel } from './channel.js';
import type { GossipMessage } from './datagram.js';
import { DatagramSeal } from './datagram.js';
import { ReplayGuard } from './replay-guard.js';
import type { GossipSettings } from './settings.js';

/** When a node that starts asks, in milliseconds, each moved by up to a half: a datagram or two may get lost. */
const FIRST_ASKS_MS = [100, 300, 800, 2_000];
const ANSWER_AFTER_MS = { min: 20, max: 200 };
/** So many answers of others make one's own needless. */
const ANSWERS_ENOUGH = 3;
/** How long a contact point counts as known after it was last heard, in milliseconds. */
const CONTACT_MS = 600_000;
const CONTACTS_MAX = 4_096;
const WILDCARDS = new Set(['0.0.0.0', '::']);

interface Contact {
  readonly at: ContactPoint;
  readonly loopback: boolean;
  readonly heardAt: number;
}

export class Conversation {
  private readonly seal: DatagramSeal;
  private readonly replays = new ReplayGuard();
  private readonly channel: GossipChannel;
  private readonly contacts = new Map<string, Contact>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private counter = 0;
  /** While an answer of this node is due: how many others have answered since. */
  private answersHeard: number | undefined;

  constructor(
    settings: GossipSettings,
    private readonly context: StrategyContext,
  ) {
    this.seal = new DatagramSeal(context.cluster, context.secrets);
    this.channel = new GossipChannel(settings, context.loopbackOnly, (datagram, source) =>
      this.receive(datagram, source),
    );
  }

  async open(): Promise<void> {
    await this.ask();
    for (const afterMs of FIRST_ASKS_MS) this.later(afterMs * (0.5 + Math.random()), () => this.say('ask'));
  }

  /** Asks once more; answers arrive through `found`, those heard before are returned. */
  async discover(): Promise<readonly ContactPoint[]> {
    await this.ask();
    const oldest = Date.now() - CONTACT_MS;
    for (const [incarnation, { heardAt }] of this.contacts)
      if (heardAt < oldest) this.contacts.delete(incarnation);
    return [...this.contacts.values()].map(({ at }) => at);
  }

  /** From now on nothing is sent and nothing answered (D4). */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.channel.close();
  }

  private async ask(): Promise<void> {
    const trouble = await this.channel.refresh();
    if (trouble) this.context.note?.(`left out network interfaces: ${trouble}`);
    this.say('ask');
  }

  private later(afterMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, afterMs);
    this.timers.add(timer);
  }

  private say(kind: GossipMessage['kind']): void {
    const { cluster, self } = this.context;
    const { incarnation, name, host, port } = self;
    this.channel.send(() => {
      const counter = ++this.counter;
      return this.seal.seal({ kind, cluster, incarnation, name, host, port, sent: Date.now(), counter });
    });
  }

  private receive(datagram: Buffer, source: string): void {
    const opened = this.seal.open(datagram);
    if ('reason' in opened) return this.context.rejected(opened.reason, `${opened.detail} (from ${source})`);
    const { kind, incarnation, name, counter, sent } = opened.message;
    if (incarnation === this.context.self.incarnation) return;
    const replay = this.replays.check(incarnation, counter, sent, Date.now());
    if (replay) return this.context.rejected('gossipReplayed', `${replay} (${name}, from ${source})`);
    this.context.found([this.remember(opened.message, source)]);
    if (kind === 'ask') this.answerSoon();
    else if (this.answersHeard !== undefined) this.answersHeard++;
  }

  /** Where the sender is. Heard over loopback and over a network, the network's address stays: it is the one that others see. */
  private remember({ incarnation, host, port }: GossipMessage, source: string): ContactPoint {
    const from = WILDCARDS.has(host) ? source : host;
    const heard = { at: contactPoint(from, port), loopback: from.startsWith('127.'), heardAt: Date.now() };
    const known = this.contacts.get(incarnation);
    const contact = known && heard.loopback && !known.loopback ? { ...known, heardAt: heard.heardAt } : heard;
    this.contacts.delete(incarnation);
    this.contacts.set(incarnation, contact);
    if (this.contacts.size > CONTACTS_MAX) {
      const [oldest] = this.contacts.keys();
      if (oldest !== undefined) this.contacts.delete(oldest);
    }
    return contact.at;
  }

  private answerSoon(): void {
    if (this.answersHeard !== undefined) return;
    this.answersHeard = 0;
    const { min, max } = ANSWER_AFTER_MS;
    this.later(min + Math.random() * (max - min), () => {
      if ((this.answersHeard ?? 0) < ANSWERS_ENOUGH) this.say('here');
      this.answersHeard = undefined;
    });
  }
}
