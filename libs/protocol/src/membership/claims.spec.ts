/** What holds of two claims, and when two views are the same. */
import type { Claim } from '../message.js';
import type { Address, Incarnation, NodeInfo, NodeName } from '../node.js';
import { seededRandom, shuffled } from '../random.js';
import { alive, suspect } from './member-record.js';
import { MemberTable } from './member-table.js';
import { overrules } from './precedence.js';

function nodeInfo(index: number): NodeInfo {
  return {
    name: `n${index}` as NodeName,
    incarnation: index.toString(16).padStart(32, '0') as Incarnation,
    address: `h${index}:1` as Address,
    dataPort: 0,
    startedAt: index,
    priority: 0,
  };
}

const node = nodeInfo(1);
const kinds = (version: number): Claim[] => [
  alive(node, version, false),
  suspect(node, version, nodeInfo(2).incarnation),
  { kind: 'dead', node, version },
];

describe('precedence', () => {
  it('goes by version, and at equal versions dead over suspect over alive', () => {
    const order = [...kinds(1), ...kinds(2), ...kinds(9)];
    for (const [one, next] of order.entries()) {
      for (const [two, held] of order.entries()) expect(overrules(next, held)).toBe(one > two);
    }
  });

  it('lets nobody but the node itself, with a higher version, take back a goodbye', () => {
    const left: Claim = { kind: 'left', node, version: 9 };
    for (const claim of kinds(9)) {
      expect(overrules(claim, left)).toBe(false);
      expect(overrules(left, claim)).toBe(true);
    }
    expect(overrules(left, left)).toBe(false);
    expect(kinds(10).map((claim) => overrules(claim, left))).toEqual(
      kinds(10).map(({ kind }) => kind === 'alive'),
    );
  });
});

describe('the digest of a view', () => {
  const table = () => new MemberTable(alive(nodeInfo(0), 1, false), 100, seededRandom(1));

  it('is the same for the same members, in whatever order and by whatever way they were learned', () => {
    const digests = [1, 2, 3].map((seed) => {
      const view = table();
      for (const index of shuffled([1, 2, 3, 4, 5, 6], seededRandom(seed))) {
        const record = view.add(alive(nodeInfo(index), 1, false));
        if (seed > 1) view.hold(record, suspect(record.node, 2, node.incarnation));
        view.hold(record, alive(record.node, 3, true));
      }
      return view.digest;
    });
    expect(new Set(digests).size).toBe(1);
  });

  it('differs by member and by version, and does not mind who went away or was forgotten', () => {
    const view = table();
    const digests = [view.digest];
    const record = view.add(alive(node, 1, false));
    digests.push(view.digest);
    view.hold(record, alive(node, 2, false));
    digests.push(view.digest);
    view.add(alive(nodeInfo(3), 2, false));
    digests.push(view.digest);
    expect(new Set(digests).size).toBe(4);
    view.hold(record, { kind: 'dead', node, version: 2 });
    const without = view.digest;
    view.remove(record);
    expect(view.digest).toBe(without);
  });
});
