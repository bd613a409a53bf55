import { choose, keep, metAgain } from './partitions.fixture.js';
import type { Site } from '../fleet.fixture.js';

describe('half a copy (S7, P4)', () => {
  it.each(['automatic', 'manual'] as const)(
    'of a kept side that is gone is completed by nodes that cancelled the choice, in %s recovery',
    (mode) => {
      const { fleet } = metAgain([2, 2], { options: { batchBytesMax: 6 } });
      const [n0, n1, n2, n3] = fleet.sites as [Site, Site, Site, Site];
      fleet.letThrough = (message, from, to) =>
        !(message.type === 'chunk' && (to.info.name === 'n4' ? message.seq > 1 : from === n0 || from === n1));
      choose(fleet, n0, n2, keep(n0));
      fleet.run(1_000);
      fleet.unlink(n0, n2);
      fleet.unlink(n1, n2);
      fleet.unlink(n0, n3);
      fleet.unlink(n1, n3);
      fleet.run(6_000);
      const joiner = fleet.start('n4', [n0]);
      fleet.run(1_000);
      fleet.crash(n0, true);
      fleet.crash(n1, true);
      fleet.letThrough = () => true;
      expect(fleet.content(joiner)).not.toEqual({});
      fleet.heal();
      if (mode === 'automatic') fleet.give(n2, { type: 'recovery', mode });
      fleet.run(20_000);
      expect(joiner.machine.status().ready).toBe(true);
      expect(fleet.content(joiner)).toEqual(fleet.content(n2));
      expect(fleet.heard(joiner)).toEqual(fleet.content(n2));
    },
  );
});
