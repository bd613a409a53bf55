/**
 * Who is there, as leadership sees it. It is told what changed, and not everybody each time: in a large cluster one member
 * changes at a time, and often, so that looking at all of them would cost more the more there are (M6).
 */
import type { Member } from '../event.js';
import type { Incarnation } from '../node.js';

export interface Change {
  /** As it was, if it was up. */
  readonly was: Member | undefined;
  readonly is: Member;
}

export interface View {
  readonly upCount: number;
  /** Since the view before. */
  readonly changes: readonly Change[];
  /** Everybody known, up or not, in order of name. */
  members(): readonly Member[];
}

export function isUp({ status }: Member): boolean {
  return status !== 'down' && status !== 'left';
}

/** Who came up since the view before. */
export function arrivals({ changes }: View): Member[] {
  return changes.flatMap(({ was, is }) => (!was && isUp(is) ? [is] : []));
}

/** Who was up in the view before, and is not any more. */
export function departures({ changes }: View): Member[] {
  return changes.flatMap(({ was, is }) => (was && !isUp(is) ? [is] : []));
}

/** Those of the departures who said goodbye. */
export function farewells(view: View): Member[] {
  return departures(view).filter(({ status }) => status === 'left');
}

export class Attendance {
  private readonly up = new Map<Incarnation, Member>();

  constructor(
    /** Everybody known, up or not, in order of name. */
    private readonly members: () => readonly Member[],
  ) {}

  /** The view as it is, with nothing new. */
  get view(): View {
    return { upCount: this.up.size, changes: [], members: this.members };
  }

  /** Takes in how these members are now. */
  take(changed: readonly Member[]): View {
    const changes = changed.map((is) => ({ was: this.up.get(is.node.incarnation), is }));
    for (const { is } of changes) {
      if (isUp(is)) this.up.set(is.node.incarnation, is);
      else this.up.delete(is.node.incarnation);
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
    return this.members().filter(isUp);
  }
}
