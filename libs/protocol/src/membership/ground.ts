/**
 * What every part of membership stands on.
 */
import type { MembershipOptions } from '../options.js';
import type { Random } from '../random.js';
import type { Agenda } from './agenda.js';
import type { MemberTable } from './member-table.js';
import type { Turn } from './turn.js';

export interface Ground {
  readonly options: MembershipOptions;
  readonly random: Random;
  readonly turn: Turn;
  readonly agenda: Agenda;
  readonly table: MemberTable;
}
