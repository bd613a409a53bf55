/**
 * All nodes, each with its own view, and what can be done with the chosen one.
 */
import type { Api } from './api.js';
import { isHeard, isPresent } from './diagnosis.js';
import { ask } from './dialog.js';
import { arrange, button, element, part, say, show } from './dom.js';
import { bytes, counted, duration } from './format.js';
import { attempt } from './toast.js';
import type { ClusterAnswer, NodeAnswer, NodeDetail } from './types.js';

const STATUS_SIGNS: Readonly<Record<NodeAnswer['status'], string>> = {
  up: '●',
  degraded: '◐',
  suspect: '?',
  down: '✕',
  left: '–',
};

export class NodeList {
  chosen: string | undefined;
  /** Bytes over each link of the chosen node at the last look. */
  private links = new Map<string, number>();
  /** Bytes since the look before, as a share of the busiest link. */
  readonly traffic = new Map<string, number>();

  constructor(
    private readonly api: Api,
    private readonly changed: () => void,
  ) {
    part('detail-actions').append(
      button('Look for others', () => this.join(), { id: 'join' }),
      button('Leave', () => this.end('leave'), { id: 'leave' }),
      button('Halt', () => this.end('halt'), { id: 'halt', class: 'danger' }),
    );
  }

  choose(name: string): void {
    this.chosen = name;
    this.links = new Map();
    this.traffic.clear();
    this.changed();
    void this.look();
  }

  draw(cluster: ClusterAnswer, now: number): void {
    this.chosen ??= cluster.self;
    arrange(
      part('node-rows'),
      cluster.nodes,
      ({ incarnation }) => incarnation,
      ({ name }) => this.row(name),
      (row, node) => this.fill(row, node, now),
    );
    const node = cluster.nodes.find(({ name }) => name === this.chosen);
    show(part('detail'), node !== undefined);
    if (node !== undefined) this.drawDetail(node, cluster, now);
  }

  /** Asks for the traffic of the chosen node; differences between two looks are what is drawn. */
  async look(): Promise<void> {
    const name = this.chosen;
    if (name === undefined) return;
    const detail = await this.api.node(name).catch(() => undefined);
    if (detail === undefined || name !== this.chosen) return;
    this.measure(detail);
    this.drawLinks(detail);
  }

  private measure({ links }: NodeDetail): void {
    const grown = links.map(({ node, bytesIn, bytesOut }) => {
      const before = this.links.get(node) ?? bytesIn + bytesOut;
      this.links.set(node, bytesIn + bytesOut);
      return [node, Math.max(0, bytesIn + bytesOut - before)] as const;
    });
    const most = Math.max(1, ...grown.map(([, bytesMore]) => bytesMore));
    for (const [node, bytesMore] of grown) this.traffic.set(node, bytesMore / most);
  }

  private drawLinks({ links }: NodeDetail): void {
    arrange(
      part('link-rows'),
      links,
      ({ node }) => node,
      ({ node }) => element('tr', {}, element('th', { scope: 'row' }, node), element('td'), element('td')),
      (row, { bytesIn, bytesOut }) => {
        const [inwards, outwards] = Array.from(row.querySelectorAll('td'));
        if (inwards) say(inwards, bytes(bytesIn));
        if (outwards) say(outwards, bytes(bytesOut));
      },
    );
    show(part('link-table'), links.length > 0);
  }

  /** Chosen in the table: what there is to say stands below it, and is read next. */
  private open(name: string): void {
    this.choose(name);
    say(part('detail-name'), name);
    show(part('detail'), true);
    part('detail-name').focus();
  }

  private row(name: string): HTMLTableRowElement {
    const choose = button(name, () => this.open(name), { class: 'plain' });
    const cells = ['status', 'sees', 'leader', 'state', 'up'].map((kind) => element('td', { class: kind }));
    return element('tr', {}, element('th', { scope: 'row' }, choose), ...cells);
  }

  private fill(row: Element, node: NodeAnswer, now: number): void {
    row.setAttribute('data-status', node.status);
    row.toggleAttribute('data-chosen', node.name === this.chosen);
    row.querySelector('button')?.setAttribute('aria-pressed', String(node.name === this.chosen));
    const { view } = node;
    const heard = isPresent(node) && view !== null;
    const texts = {
      status: `${STATUS_SIGNS[node.status]} ${node.status}${node.self ? ', this node' : ''}${node.leader ? ', leads' : ''}`,
      sees: heard ? `${node.sees.length}` : '–',
      leader: heard ? (view.leader?.node ?? 'nobody') : '–',
      state: !heard ? '–' : isHeard(node, now) ? view.state : `${view.state}, ${duration(now - view.at)} ago`,
      up: isPresent(node) ? duration(now - node.upSince) : '–',
    };
    for (const [kind, text] of Object.entries(texts)) {
      const cell = row.querySelector(`.${kind}`);
      if (cell !== null) say(cell, text);
    }
  }

  private drawDetail(node: NodeAnswer, cluster: ClusterAnswer, now: number): void {
    const { view } = node;
    say(part('detail-name'), node.name);
    say(part('detail-address'), node.address);
    say(part('detail-incarnation'), node.incarnation);
    say(part('detail-sees'), node.sees.length > 0 ? node.sees.join(', ') : 'it did not answer');
    const missing = cluster.nodes.filter((other) => isPresent(other) && !node.sees.includes(other.name));
    const blind = view !== null && isPresent(node) && missing.length > 0;
    say(part('detail-misses'), blind ? missing.map(({ name }) => name).join(', ') : 'nobody');
    say(
      part('detail-store'),
      view === null ? 'unknown' : view.store.ready ? counted(view.store.size, 'key') : 'not ready',
    );
    say(part('detail-started'), `${duration(now - node.startedAt)} ago`);
    const isOut = node.self && !cluster.member;
    say(part('join'), isOut ? 'Join again' : 'Look for others');
    show(part('leave'), isPresent(node) && !isOut);
    show(part('join'), isPresent(node) || isOut);
    show(part('halt'), isPresent(node) || isOut);
  }

  private async join(): Promise<void> {
    const name = this.chosen;
    if (name !== undefined && (await attempt(`${name} looks for others`, () => this.api.join(name))))
      this.changed();
  }

  private async end(mode: 'leave' | 'halt'): Promise<void> {
    const name = this.chosen;
    if (name === undefined) return;
    const what = {
      leave: [
        `${name} leaves the cluster: it leads nothing and shares nothing until it joins again. Its process lives on.`,
      ],
      halt: [`The application of ${name} is closed. Only whoever runs it can start it again.`],
    };
    const title = mode === 'leave' ? `Let ${name} leave?` : `Halt ${name}?`;
    if (!(await ask({ title, text: what[mode], confirm: mode === 'leave' ? 'Leave' : 'Halt' }))) return;
    if (await attempt(`${name} was told to ${mode}`, () => this.api.end(name, mode))) this.changed();
  }
}
