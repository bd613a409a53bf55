/** One mutant for each rule of the store: who confirms (S2), who resolves (S3), what is forgotten (S4), and so on to P4. */
import type { Mutant } from './mutant.js';

export const STORE_MUTANTS: readonly Mutant[] = [
  {
    fault: 'a write is confirmed before anybody else holds it',
    breaks: ['S2'],
    file: 'store/acknowledgements.js',
    find: "(level === 'quorum' && this.needed <= 1)",
    replace: "level === 'quorum'",
    acts: ['oneByOne'],
  },
  {
    fault: 'each node that holds a write counts twice',
    breaks: ['S2'],
    file: 'store/acknowledgements.js',
    find: 'held.push(peer.held);',
    replace: 'held.push(peer.held, peer.held);',
    acts: ['storm', 'congestion', 'oneByOne'],
  },
  {
    fault: 'a replica confirms what it has not got, beyond a gap',
    breaks: ['S2'],
    file: 'store/replication.js',
    find: 'const counter = this.core.origins.at(peer.origin).dots.base;',
    replace: `const { dots } = this.core.origins.at(peer.origin);
            const counter = dots.above.at(-1) ?? dots.base;`,
    acts: ['storm', 'lossy', 'congestion'],
  },
  {
    fault: 'a clock is merged without the entries',
    breaks: ['S2', 'S4', 'S7'],
    file: 'store/pulling.js',
    find: 'this.listener.taking(() => this.merge(peer, chunk, numbers));',
    replace: '',
    acts: ['oneByOne', 'split'],
  },
  {
    fault: 'of concurrent writes only the later stays',
    breaks: ['S2', 'S3'],
    file: 'store/join.js',
    find: 'siblings.splice(siblingsMax)',
    replace: 'siblings.splice(1)',
    acts: ['rush', 'split'],
  },
  {
    fault: 'the resolver gets writes that others have followed',
    breaks: ['S2', 'S3', 'S6'],
    file: 'store/join.js',
    find: 'return (covers(parts.seen, origin, counter) ||',
    replace: 'return (false ||',
    acts: ['rush', 'split'],
  },
  {
    fault: 'concurrent writes are resolved in the order in which they arrived',
    breaks: ['S2', 'S3'],
    file: 'store/join.js',
    find: 'return (one, other) => other.time - one.time || origins.compare(other.origin, one.origin) || other.counter - one.counter;',
    replace: 'return () => 0;',
    acts: ['rush', 'split'],
  },
  {
    fault: 'a delete is forgotten before all replicas have it',
    breaks: ['S2', 'S3', 'S4', 'S6'],
    file: 'store/origins.js',
    find: 'return this.gone || counter <= this.settled;',
    replace: 'return true;',
    acts: ['split', 'shortMemory'],
  },
  {
    fault: 'a replica that was forgotten comes back with what it holds',
    breaks: ['S2', 'S3', 'S4'],
    file: 'store/greeting.js',
    find: 'peer.fenced = mutual || told;',
    replace: `peer.fenced = false;
        if (mutual || told) return;`,
    acts: ['shortMemory'],
  },
  {
    fault: 'deletes are remembered for ever',
    breaks: ['S4'],
    file: 'store/entries.js',
    find: `        entry.siblings = undefined;
        if (entry.value === undefined)
            this.map.delete(key);`,
    replace: '        entry.siblings = undefined;',
    acts: ['rush'],
  },
  {
    fault: 'what has run out is shown to those who hear of it late',
    breaks: ['S5'],
    file: 'store/resolve.js',
    find: `function lapsed(sibling, wall) {
    return sibling.expiresAt === 0`,
    replace: `function lapsed(sibling, wall) {
    return true || sibling.expiresAt === 0`,
    acts: ['split', 'congestion'],
  },
  {
    fault: 'nobody looks for what has run out',
    breaks: ['S5', 'T3'],
    file: 'store/replica.js',
    find: 'core.entries.expire(wall, EXPIRIES_PER_TICK, (key) => core.stability.settle(key));',
    replace: '',
    acts: ['rush'],
  },
  {
    fault: 'a change that replaces a value is not told',
    breaks: ['S6'],
    file: 'store/entries.js',
    find: "this.effects.push({ type: 'change', change: { type: 'written', key, value, previous, node, local } });",
    replace: `if (!wasVisible || Math.abs(value.byteLength) % 7 !== 0) this.effects.push({ type: 'change', change: { type: 'written', key, value, previous, node, local } });`,
    acts: ['rush'],
  },
  {
    fault: 'a change is told twice',
    breaks: ['S6'],
    file: 'store/entries.js',
    find: "this.effects.push({ type: 'change', change: { type: 'written', key, value, previous, node, local } });",
    replace: `const change = { type: 'written', key, value, previous, node, local };
            this.effects.push({ type: 'change', change });
            if (key.endsWith('2')) this.effects.push({ type: 'change', change });`,
    acts: ['rush'],
  },
  {
    fault: 'a node is ready as soon as it has met one that is',
    breaks: ['S7'],
    file: 'store/readiness.js',
    find: `if (source !== undefined)
            this.pulling.want(source);`,
    replace: `if (source !== undefined)
            this.become();`,
    acts: ['oneByOne'],
  },
  {
    fault: 'a node takes writes before it has the store',
    breaks: ['S7'],
    file: 'store/writing.js',
    find: 'if (!ready)',
    replace: 'if (false)',
    acts: ['oneByOne', 'flap'],
  },
  {
    fault: 'each node of another side is a partition of its own',
    breaks: ['P3'],
    file: 'store/partitions.js',
    find: 'if (open !== undefined)',
    replace:
      'if (open?.partition.sides[1]?.nodes.some(({ incarnation }) => incarnation === replica.incarnation))',
    acts: ['reunion'],
  },
  {
    fault: 'a report leaves out conflicts',
    breaks: ['P3'],
    file: 'store/entries.js',
    find: 'this.tally?.conflict(key);',
    replace: '',
    acts: ['reunion'],
  },
  {
    fault: 'new writes reach the other side, although nobody chose to merge',
    breaks: ['P4'],
    file: 'store/peers.js',
    find: 'peer.greeted && !peer.apart && !peer.fenced',
    replace: 'peer.greeted && !peer.fenced',
    acts: ['quarantine'],
  },
  {
    fault: 'a dry run tells of those conflicts only that are writes',
    breaks: ['P4'],
    file: 'store/dry-run.js',
    find: 'total: message.total }],',
    replace: 'total: written.length }],',
    acts: ['quarantine'],
  },
  {
    fault: 'the side that was not kept keeps what it has',
    breaks: ['P4', 'S2'],
    file: 'store/recovery.js',
    find: 'this.restart();',
    replace: '',
    acts: ['quarantine'],
  },
  {
    fault: 'a node takes itself to be alone before it was told who is there',
    breaks: ['S7'],
    file: 'store/settling.js',
    find: 'knows(node.incarnation)',
    replace: 'true',
    acts: ['oneByOne'],
  },
];
