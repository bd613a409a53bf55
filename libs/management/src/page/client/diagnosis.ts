/**
 * What is wrong with a cluster, in the order in which an operator wants to hear it. Made of the views of all nodes; holds
 * nothing and draws nothing.
 */
import { named } from './format.js';
import type { ClusterAnswer, NodeAnswer } from './types.js';

/** A node that has not answered for this long is not believed to see what it saw, in milliseconds. */
const STALE_MS = 6_000;

/** How two nodes stand to each other. `oneWay`: `from` is heard by `to`, and does not hear it. */
export type Sight =
  | { readonly kind: 'both' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'oneWay'; readonly from: string; readonly to: string }
  | { readonly kind: 'cut' };

export interface Finding {
  readonly weight: 'alarm' | 'warning' | 'note';
  readonly text: string;
  /** A part of the page where something can be done about it. */
  readonly target?: string;
}

export function isPresent(node: NodeAnswer): boolean {
  return node.status !== 'down' && node.status !== 'left';
}

/** What the node says counts: it answers. */
export function isHeard(node: NodeAnswer, now: number): boolean {
  return node.view !== null && now - node.view.at < STALE_MS;
}

export function sightOf(a: NodeAnswer, b: NodeAnswer, sees: ReadonlyMap<string, ReadonlySet<string>>): Sight {
  const aSees = sees.get(a.incarnation)?.has(b.name);
  const bSees = sees.get(b.incarnation)?.has(a.name);
  if (aSees === undefined && bSees === undefined) return { kind: 'unknown' };
  // Of a node that does not answer, only the other one's word is known.
  if (aSees === undefined || bSees === undefined) return { kind: (aSees ?? bSees) === true ? 'both' : 'cut' };
  if (aSees && bSees) return { kind: 'both' };
  if (!aSees && !bSees) return { kind: 'cut' };
  return aSees ? { kind: 'oneWay', from: b.name, to: a.name } : { kind: 'oneWay', from: a.name, to: b.name };
}

/** By incarnation; nodes that do not answer are missing. */
export function sights(nodes: readonly NodeAnswer[], now: number): Map<string, ReadonlySet<string>> {
  return new Map(
    nodes.filter((node) => isHeard(node, now)).map((node) => [node.incarnation, new Set(node.sees)]),
  );
}

export interface Rift {
  readonly a: NodeAnswer;
  readonly b: NodeAnswer;
  readonly sight: Sight;
}

/** Pairs of nodes that are there and do not both see each other. */
export function rifts(nodes: readonly NodeAnswer[], now: number): readonly Rift[] {
  const present = nodes.filter(isPresent);
  const sees = sights(present, now);
  const found: Rift[] = [];
  present.forEach((a, index) => {
    for (const b of present.slice(index + 1)) {
      const sight = sightOf(a, b, sees);
      if (sight.kind === 'cut' || sight.kind === 'oneWay') found.push({ a, b, sight });
    }
  });
  return found;
}

export function diagnose(cluster: ClusterAnswer, now: number): readonly Finding[] {
  const { state, size, quorum, nodes } = cluster;
  const findings: Finding[] = [];
  const add = (weight: Finding['weight'], text: string, target?: string) =>
    findings.push(target === undefined ? { weight, text } : { weight, text, target });
  const withStatus = (status: NodeAnswer['status']) =>
    nodes.filter((node) => node.status === status).map(({ name }) => name);

  if (!cluster.member)
    add('alarm', `${cluster.self} has left the cluster. Its process lives on and can join again.`, 'nodes');
  else if (state === 'red')
    add(
      'alarm',
      `No quorum: ${size.current} of ${size.expected} nodes are up, ${quorum} are needed. Nobody can lead.`,
      'nodes',
    );
  else if (cluster.leader === null) add('alarm', 'Nobody leads. Leader-only work stands still.');
  const disputes = disagreements(nodes, now);
  for (const text of disputes) add('alarm', text, 'nodes');
  const waiting = cluster.partitions.filter((partition) => partition.state === 'waiting');
  if (waiting.length > 0)
    add('alarm', 'A partition waits for your choice: merge the sides, or keep one.', 'partitions');
  for (const { a, b, sight } of rifts(nodes, now).slice(0, 5))
    add('warning', riftText(a, b, sight), 'picture');
  const down = withStatus('down');
  if (down.length > 0) add('warning', `Down: ${named(down)}.`, 'nodes');
  const suspect = withStatus('suspect');
  if (suspect.length > 0) add('warning', `Suspected to be down: ${named(suspect)}.`, 'nodes');
  const degraded = withStatus('degraded');
  if (degraded.length > 0)
    add('warning', `Degraded, the application makes no progress: ${named(degraded)}.`, 'nodes');
  const silent = nodes.filter((node) => isPresent(node) && node.voteSilent);
  if (silent.length > 0)
    add(
      'note',
      `Started less than a lease ago, without a vote yet: ${named(silent.map(({ name }) => name))}.`,
      'nodes',
    );
  if (cluster.member && !cluster.store.ready)
    add('warning', `${cluster.self} does not have the store yet.`, 'store');
  else if (state === 'yellow' && size.current >= size.expected && silent.length === 0)
    add(
      'warning',
      `${cluster.self} does not exchange entries with every node. Is its data port reached?`,
      'store',
    );
  const states = groups(heardOf(nodes, now), ({ view }) => view?.state ?? 'red');
  if (disputes.length === 0 && states.size > 1)
    add('warning', `Nodes are not all in the same state. ${sentences(states, 'is the state')}`, 'nodes');
  if (cluster.leader?.guarantee === 'best-effort')
    add('note', 'The guarantee is best-effort: set CLUSTER_SIZE, or after a split two nodes may lead.');
  return findings;
}

function heardOf(nodes: readonly NodeAnswer[], now: number): readonly NodeAnswer[] {
  return nodes.filter((node) => isPresent(node) && isHeard(node, now));
}

/** Nodes that see another leader than others do, or another number of nodes. */
export function disagreements(nodes: readonly NodeAnswer[], now: number): readonly string[] {
  const heard = heardOf(nodes, now);
  const byLeader = groups(heard, ({ view }) =>
    view?.leader ? `${view.leader.node} (token ${view.leader.token})` : 'nobody',
  );
  const texts: string[] = [];
  if (byLeader.size > 1) texts.push(`Nodes disagree on who leads. ${sentences(byLeader, 'leads')}`);
  const bySize = groups(heard, ({ view }) => `${view?.size.current ?? 0} nodes`);
  if (bySize.size > 1) texts.push(`Nodes disagree on who is there. ${sentences(bySize, 'are up')}`);
  return texts;
}

function groups(nodes: readonly NodeAnswer[], keyOf: (node: NodeAnswer) => string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const node of nodes) found.set(keyOf(node), [...(found.get(keyOf(node)) ?? []), node.name]);
  return found;
}

function sentences(found: ReadonlyMap<string, readonly string[]>, verb: string): string {
  return [...found].map(([what, names]) => `For ${named(names, 3)}, ${what} ${verb}.`).join(' ');
}

export function riftText(a: NodeAnswer, b: NodeAnswer, sight: Sight): string {
  return sight.kind === 'oneWay'
    ? `One-way cut: ${sight.to} hears ${sight.from}, but ${sight.from} does not hear ${sight.to}.`
    : `${a.name} and ${b.name} do not see each other.`;
}
