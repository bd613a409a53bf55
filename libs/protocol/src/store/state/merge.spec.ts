import type { Sibling } from './entry.js';
import { join } from './join.js';
import { bytes, textOf } from './letters.fixture.js';
import { Origins } from './origins.js';
import type { Replica } from './entry.js';

const replica = (name: string): Replica => ({ name, incarnation: name.repeat(32), generation: 0 }) as Replica;

function rig() {
  const origins = new Origins(replica('a'), 100);
  const [one, other] = [origins.of(replica('b')).index, origins.of(replica('c')).index];
  const sibling = (origin: number, counter: number, text: string): Sibling => {
    return { origin, counter, value: bytes(text), time: counter, expiresAt: 0 };
  };
  return { origins, one, other, sibling };
}

it('S3: what another node has made of several writes, and settled, comes with the dot of one of them', () => {
  const { origins, one, other, sibling } = rig();
  const here = { siblings: [sibling(one, 2, 'x'), sibling(other, 1, 'y')], seen: undefined };
  const came = { siblings: [sibling(one, 2, 'x and y')], seen: undefined };
  const { siblings, removed } = join(here, came, origins, 8, () => 2);
  expect(siblings.map(({ value }) => value && textOf(value))).toEqual(['x and y']);
  expect(removed).toBe(1);
});

it('S3: what this node has made of several writes stays, where another one has not settled them', () => {
  const { origins, one, other, sibling } = rig();
  origins.at(one).dots.addAll({ base: 2, above: [] });
  origins.at(other).dots.addAll({ base: 1, above: [] });
  const here = { siblings: [sibling(one, 2, 'x and y')], seen: undefined };
  const came = { siblings: [sibling(one, 2, 'x'), sibling(other, 1, 'y')], seen: undefined };
  const { siblings, added, removed } = join(here, came, origins, 8, () => 0);
  expect(siblings.map(({ value }) => value && textOf(value))).toEqual(['x and y']);
  expect([added, removed]).toEqual([0, 0]);
});
