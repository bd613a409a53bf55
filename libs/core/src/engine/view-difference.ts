/**
 * The events that lead from one view to another, for when the events themselves were lost: a main thread that was blocked
 * for long, an engine that was replaced, a cluster that was left. M1 holds over the gap: a node that went and came back
 * unseen in between did neither, one that came back as another incarnation did both.
 */
import type { DownReason, Incarnation, Member, NodeEvent } from '@nest-cluster/protocol';
import type { ClusterView } from '../ports/control-plane.js';

/** `reason` is given for members of whom the later view knows nothing. */
export function eventsBetween(before: ClusterView, after: ClusterView, reason: DownReason): NodeEvent[] {
  const was = others(before);
  const is = others(after);
  const events: NodeEvent[] = [];
  for (const [incarnation, { node, status }] of was) {
    const now = is.get(incarnation);
    if (isThere(status) && !(now && isThere(now.status))) {
      events.push({ type: 'nodeDown', node, reason: now ? reasonOf(now) : reason });
    }
  }
  for (const [incarnation, member] of is) {
    if (!isThere(member.status)) continue;
    const then = was.get(incarnation);
    if (!then || !isThere(then.status)) events.push({ type: 'nodeUp', node: member.node });
    if (then ? differs(then, member) : member.status !== 'up') events.push({ type: 'nodeChanged', member });
  }
  if (before.state !== after.state) {
    events.push({ type: 'stateChanged', state: after.state, previous: before.state });
  }
  if (before.leader?.token !== after.leader?.token)
    events.push({ type: 'leaderChanged', leader: after.leader });
  return events;
}

/** What is left of a view when this node is apart from everybody. */
export function alone(view: ClusterView, status: 'left' | 'down'): ClusterView {
  const self = view.members.filter(({ node }) => isSelf(view, node.incarnation));
  const members = self.map((member) => ({ ...member, status }));
  return { ...view, state: 'red', leader: null, members, silentVoters: [] };
}

/** Members are compared as a whole: the list is replaced when anything in it changes. */
export function isSameView(a: ClusterView, b: ClusterView): boolean {
  return (
    a.self === b.self &&
    a.members === b.members &&
    a.silentVoters === b.silentVoters &&
    a.state === b.state &&
    a.expected === b.expected &&
    a.quorum === b.quorum &&
    a.guarantee === b.guarantee &&
    a.leader?.token === b.leader?.token &&
    a.leader?.node.incarnation === b.leader?.node.incarnation
  );
}

function others(view: ClusterView): Map<Incarnation, Member> {
  const members = new Map<Incarnation, Member>();
  for (const member of view.members) {
    if (!isSelf(view, member.node.incarnation)) members.set(member.node.incarnation, member);
  }
  return members;
}

function isSelf(view: ClusterView, incarnation: Incarnation): boolean {
  return view.self.incarnation === incarnation;
}

function isThere(status: Member['status']): boolean {
  return status !== 'down' && status !== 'left';
}

function reasonOf({ status }: Member): DownReason {
  return status === 'left' ? 'left' : 'failed';
}

function differs(before: Member, after: Member): boolean {
  return before.status !== after.status || before.seen !== after.seen;
}
