import { Fleet, type Site } from '../fleet.fixture.js';
import { LAG_MS } from './lag.js';

const told = (site: Site): boolean[] =>
  site.effects.flatMap((effect) => (effect.type === 'lagging' ? effect.isLagging : []));

describe('a replica that is behind (M7)', () => {
  it('says so after five seconds, and when it has caught up', () => {
    const fleet = Fleet.ready(3);
    const [writer, other, slow] = fleet.sites as [Site, Site, Site];
    fleet.letThrough = ({ type }, _from, to) => to !== slow || type === 'clock' || type === 'held';
    fleet.set(writer, 'key', 'v', 'local');
    fleet.run(LAG_MS - 1_000);
    expect(told(slow)).toEqual([]);
    fleet.run(4_000);
    expect(told(slow)).toEqual([true]);
    fleet.letThrough = () => true;
    fleet.run(5_000);
    expect(told(slow)).toEqual([true, false]);
    expect([told(writer), told(other)]).toEqual([[], []]);
  });

  it('is not one that keeps pace with writes that do not end', () => {
    const fleet = Fleet.ready(3);
    for (let round = 0; round < 600; round++) {
      for (const [at, site] of fleet.sites.entries()) fleet.set(site, `key${at}`, `v${round}`, 'local');
      fleet.run(20);
    }
    for (const site of fleet.sites) expect(told(site)).toEqual([]);
  });
});
