/**
 * Who is there, as leadership sees it. A view is taken in by what differs from the one before: in a large cluster one member
 * changes at a time, and often, so that whatever looks at everybody each time costs more the more there are (M6).
 */
import type { Member } from '../event.js';
import type { Incarnation } from '../node.js';

/** What a member was and is; undefined where it was not known yet, or is known no more. */
export interface Change {
  readonly was: Member | undefined;
  readonly is: Member | undefined;
}

export interface View {
  /** Everybody known, up or not, in order of name. */
  readonly members: readonly Member[];
  readonly upCount: number;
  /** Since the view before, in order of name. */
  readonly changes: readonly Change[];
}

export function isUp(member: Member | undefined): member is Member {
  return member !== undefined && member.status !== 'down' && member.status !== 'left';
}

/** Who came up since the view before. */
export function arrivals({ changes }: View): Member[] {
  return changes.flatMap(({ was, is }) => (isUp(is) && !isUp(was) ? [is] : []));
}

/** Who was up in the view before, and is not any more. */
export function departures({ changes }: View): Member[] {
  return changes.flatMap(({ was, is }) => (isUp(was) && !isUp(is) ? [is ?? was] : []));
}

/** Those of the departures who said goodbye. */
export function farewells(view: View): Member[] {
  return departures(view).filter(({ status }) => status === 'left');
}

export class Attendance {
  private members: readonly Member[] = [];
  private readonly up = new Map<Incarnation, Member>();

  /** The view as it is, with nothing new. */
  get view(): View {
    return { members: this.members, upCount: this.up.size, changes: [] };
  }

  take(members: readonly Member[]): View {
    const changes = changesBetween(this.members, members);
    this.members = members;
    for (const { was, is } of changes) {
      if (isUp(is)) this.up.set(is.node.incarnation, is);
      else if (was) this.up.delete(was.node.incarnation);
    }
    return { ...this.view, changes };
  }

  /** The member, if it is up. */
  get(incarnation: Incarnation): Member | undefined {
    return this.up.get(incarnation);
  }

  has(incarnation: Incarnation): boolean {
    return this.up.has(incarnation);
  }

  /** Those that are up, in order of name. */
  present(): Member[] {
    return this.members.filter(isUp);
  }
}

/** Most members are the same objects in the same order in both views; only between the first and the last change it must look. */
function changesBetween(before: readonly Member[], after: readonly Member[]): Change[] {
  const changes: Change[] = [];
  const compare = (was: Member | undefined, is: Member | undefined): void => {
    if (was !== is) changes.push({ was, is });
  };
  const longest = Math.min(before.length, after.length);
  let head = 0;
  for (; head < longest && isOne(before[head], after[head]); head++) compare(before[head], after[head]);
  let tail = 0;
  while (tail < longest - head && isOne(before.at(-1 - tail), after.at(-1 - tail))) tail++;

  const [endBefore, endAfter] = [before.length - tail, after.length - tail];
  const rest = new Map(before.slice(head, endBefore).map((was) => [was.node.incarnation, was]));
  for (const is of after.slice(head, endAfter)) {
    compare(rest.get(is.node.incarnation), is);
    rest.delete(is.node.incarnation);
  }
  for (const was of rest.values()) compare(was, undefined);
  for (let index = 0; index < tail; index++) compare(before[endBefore + index], after[endAfter + index]);
  return changes;
}

function isOne(was: Member | undefined, is: Member | undefined): boolean {
  return was === is || was?.node.incarnation === is?.node.incarnation;
}
