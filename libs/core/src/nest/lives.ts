/**
 * M8: one life stands for each name, the present one or else the last. Earlier lives are history.
 */
import type { Member, NodeName, NodeStatus } from '@nest-cluster/protocol';

const PRESENT: readonly NodeStatus[] = ['up', 'degraded', 'suspect'];

export function isPresent({ status }: { readonly status: NodeStatus }): boolean {
  return PRESENT.includes(status);
}

export interface Lives {
  /** One for each name, in order of name. */
  readonly latest: readonly Member[];
  /** In order of name and start. */
  readonly past: readonly Member[];
}

/** Takes members in order of name, and those of one name in order of start. */
export function livesOf(members: readonly Member[]): Lives {
  const latest = new Map<NodeName, Member>();
  for (const member of members) {
    const earlier = latest.get(member.node.name);
    // A clock that was set back makes an old life look like the later one.
    if (earlier === undefined || isPresent(member) || !isPresent(earlier))
      latest.set(member.node.name, member);
  }
  const past = members.filter((member) => latest.get(member.node.name) !== member);
  return { latest: [...latest.values()], past };
}
