import type { StoreMessage } from '../message.js';
import { metAgain, choose, keep, sidesShown, allShown, waitingAt } from '../partitions/partitions.fixture.js';
const types: readonly StoreMessage['type'][] = [
  'decree',
  'clock',
  'pull',
  'chunk',
  'next',
  'held',
  'deltas',
  'resume',
];
it('x', () => {
  for (let at = 0, isOver = false; !isOver; at++) {
    const { fleet, sides } = metAgain([3, 2], { options: { batchBytesMax: 4, joinTimeoutMs: 5_000 } });
    const [kept = []] = sides;
    let seen = 0;
    choose(fleet, fleet.at(1), fleet.at(3), keep(fleet.at(0)));
    let type = '';
    fleet.letThrough = (message, from, to) => {
      const isAcross = kept.includes(from) !== kept.includes(to);
      if (!isAcross || !types.includes(message.type) || seen++ !== at) return true;
      type = `${message.type} ${from.info.name}>${to.info.name}`;
      fleet.split(...sides);
      return false;
    };
    fleet.run(400);
    isOver = seen <= at;
    fleet.run(7_000);
    fleet.heal();
    fleet.run(8_000);
    if (allShown(fleet).length > 1 && !fleet.alive.every((site) => waitingAt(site).length > 0)) {
      process.stdout.write(`at ${at} ${type}\n`);
      for (const s of fleet.alive) {
        const m = s.machine as any;
        process.stdout.write(
          [
            s.info.name,
            m.core.phase,
            sidesShown(fleet, s),
            m.core.peers
              .where(() => true)
              .map((p: any) => p.node.name + ':' + p.relation)
              .join(' '),
            'sep',
            [...m.partitions.separated].map((x: string) => x.slice(0, 2)).join(),
            s.machine
              .status()
              .partitions.map(
                (p) =>
                  p.id +
                  ' ' +
                  p.state +
                  ' ' +
                  p.sides.map((x) => x.nodes.map((n) => n.name + '/' + n.generation).join('+')).join('|'),
              )
              .join(' ; '),
            JSON.stringify(m.recovery.list()),
          ].join('  ') + '\n',
        );
      }
      if (at > 20) break;
    }
  }
});
