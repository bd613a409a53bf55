/** One mutant for each rule of L4, for the drift bound of L1, and for the quorum of L5. */
import type { Mutant } from './mutant.js';

export const LEADERSHIP_MUTANTS: readonly Mutant[] = [
  {
    fault: 'the holder counts from the answer, not from when the request left',
    breaks: ['L1'],
    file: 'leadership/proposer.js',
    find: 'until: poll.sentAt.mono + leaseMs, wallUntil: poll.sentAt.wall + leaseMs',
    replace: 'until: now.mono + leaseMs, wallUntil: now.wall + leaseMs',
    acts: ['lateAnswers'],
  },
  {
    fault: 'an acceptor replaces a live lease of another under a higher ballot',
    breaks: ['L1'],
    file: 'leadership/acceptor.js',
    find: 'if (boundUntil > 0) {',
    replace: 'if (boundUntil > 0 && this.promised && isHigher(this.promised, ballot)) {',
    acts: ['bridge'],
  },
  {
    fault: 'holders are compared by name',
    breaks: ['L1'],
    file: 'leadership/acceptor.js',
    find: 'bond.ballot.proposer !== proposer',
    replace: 'this.names?.get(bond.ballot.proposer) !== this.names?.get(proposer)',
    also: {
      file: 'leadership/leadership.js',
      find: 'return this.reply(from, this.voter.answer(message, now));',
      replace: `{
                this.voter.acceptor.names ??= new Map([[this.self.incarnation, this.self.name]]);
                this.voter.acceptor.names.set(from, member?.node.name ?? from);
                return this.reply(from, this.voter.answer(message, now));
            }`,
    },
    acts: ['exchange'],
    // Longer than it takes to find out that the first of the two is silent.
    options: ['--lease', '12000'],
  },
  {
    fault: 'messages are counted as votes, not distinct acceptors',
    breaks: ['L1'],
    file: 'leadership/proposer.js',
    find: 'granted: new Set(),',
    replace: 'granted: { size: 0, add() { this.size += 1; } },',
    acts: ['split'],
  },
  {
    fault: 'a release frees whatever lease its sender holds',
    breaks: ['L1', 'L4'],
    file: 'leadership/acceptor.js',
    find: '!isSame(this.bond.ballot, ballot)',
    replace: 'this.bond.ballot.proposer !== ballot.proposer',
    acts: ['lateRelease'],
    seedsMax: 400,
  },
  {
    fault: 'the lease is given back while work of its term still runs',
    breaks: ['L4'],
    file: 'leadership/leadership.js',
    find: 'this.abstainUntil = now.mono + this.config.options.leaseMs;',
    replace: `this.abstainUntil = now.mono + this.config.options.leaseMs;
        this.askVoters({ type: 'release', ballot: term.ballot }, now);`,
    acts: ['longWork', 'handover'],
  },
  {
    fault: 'a restarted acceptor votes at once',
    breaks: ['L1'],
    file: 'leadership/voter.js',
    find: 'new Quarantine(now + outlasting(leaseMs), now)',
    replace: 'new Quarantine(now, now)',
    acts: ['amnesia'],
  },
  {
    fault: 'an acceptor waits no longer than the holder believes, whatever their clocks do',
    breaks: ['L1'],
    file: 'leadership/acceptor.js',
    find: 'until: now + outlasting(leaseMs)',
    replace: 'until: now + leaseMs',
    acts: ['drift'],
    options: ['--lease', '10000'],
  },
  {
    fault: 'a majority of the nodes seen is a quorum',
    breaks: ['L1'],
    file: 'leadership/electorate.js',
    find: 'return majority(this.peak);',
    replace: 'return majority(this.upCount);',
    acts: ['split'],
    options: ['--size', '5', '--nodes', '5'],
  },
  {
    fault: 'a quorum of fresh voters is enough to vote at once',
    breaks: ['L1'],
    file: 'leadership/voter.js',
    find: 'if (electorate.isEverybody(this.quarantine.seats(this.seat, isUp)))',
    replace: 'if (this.quarantine.seats(this.seat, isUp).size >= electorate.quorum)',
    acts: ['amnesia'],
  },
];
