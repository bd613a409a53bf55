import { leadershipConformance } from './leadership-conformance.js';
import { MemoryDirectory } from './memory-directory.js';
import { MemoryCandidate, MemoryElection } from './memory-election.js';
import { strategyConformance } from './strategy-conformance.js';

strategyConformance('memory', () => {
  const directory = new MemoryDirectory();
  directory.add('other', '10.0.0.7:45893');
  return {
    strategy: directory.strategy(),
    expected: ['10.0.0.7:45893'],
    outage: {
      begin: () => void (directory.isAvailable = false),
      end: () => void (directory.isAvailable = true),
    },
  };
});

leadershipConformance('memory', () => {
  // A lease that outlasts the pauses of a busy machine, so that a healthy leader keeps it.
  const election = new MemoryElection(1_000);
  return {
    candidate: () => election.candidate(),
    leaseMs: election.leaseMs,
    cut: (candidate) => {
      if (candidate instanceof MemoryCandidate) candidate.isCut = true;
    },
    close: () => election.close(),
  };
});
