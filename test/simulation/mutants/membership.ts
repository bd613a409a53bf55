/** One mutant for each rule of refutation, versions, incarnations and hints (M1, M2, M4, T1). */
import type { Mutant } from './mutant.js';

export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  {
    fault: 'a suspect does not refute',
    breaks: ['M4'],
    file: 'membership/own-claim.js',
    find: '(isWrong && claim.version === this.version)',
    replace: 'false',
    acts: ['lossy'],
  },
  {
    fault: 'a higher version does not win',
    breaks: ['M4', 'convergence'],
    file: 'membership/precedence.js',
    find: 'next.version > held.version || ',
    replace: '',
    acts: ['lossy', 'split', 'blocked'],
  },
  {
    fault: 'at equal versions alive wins over suspect over dead',
    breaks: ['M2', 'M3', 'M6', 'convergence'],
    file: 'membership/precedence.js',
    find: 'RANK[next.kind] > RANK[held.kind]',
    replace: 'RANK[next.kind] < RANK[held.kind]',
    acts: ['crashLeader', 'silence'],
  },
  {
    fault: 'a suspect is given no time to refute',
    breaks: ['M4'],
    file: 'membership/suspicions.js',
    find: 'const shortest = options.suspicionMs *',
    replace: 'const shortest = 0 *',
    acts: ['lossy'],
  },
  {
    fault: 'word of the end of one life ends the next life of that name',
    breaks: ['M1', 'M4', 'convergence', 'throws'],
    file: 'membership/claim-intake.js',
    find: 'return this.isGone(claim, record, from);',
    replace: 'return this.isGone(claim, table.holder(claim.node.name) ?? record, from);',
    acts: ['flap', 'silence'],
  },
  {
    fault: 'a closed link is a verdict',
    breaks: ['M4'],
    file: 'membership/checks.js',
    find: 'this.begin(record, reason);',
    replace: 'this.listener.gone(record);',
    acts: ['resets'],
  },
  {
    fault: 'a newcomer takes the name of a process that lives',
    breaks: ['M4', 'T1'],
    file: 'membership/contests.js',
    find: 'return this.begin(claim, incumbent);',
    replace: `this.roster.bury(incumbent, { kind: 'dead', node: incumbent.node, version: incumbent.claim.version });`,
    acts: ['namesake'],
  },
];
