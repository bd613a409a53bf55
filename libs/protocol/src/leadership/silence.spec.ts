import type { Incarnation } from '../node.js';
import { gather, isSameGathering } from './gathering.js';
import { Silence } from './silence.js';

const UNTIL = 2_041;

/** Silent voters that hear each other's words as the test has it. */
function voter(id: string): Silence {
  return new Silence(id as Incarnation, id, UNTIL, 0);
}

const everybodyIsUp = (): boolean => true;

/** Each of them says what it has heard, twice, and the others hear it. */
function talk(voters: Readonly<Record<string, Silence>>, everybody: number): void {
  for (let round = 0; round < 2; round++) {
    for (const [id, { heard }] of Object.entries(voters))
      for (const [other, listener] of Object.entries(voters))
        if (other !== id) listener.hear(id as Incarnation, { seat: id, heard });
    for (const each of Object.values(voters)) each.review(everybody, everybodyIsUp, 0);
  }
}

describe('L4: the silence of a voter', () => {
  it('ends early when all voters said that they have heard each other', () => {
    const voters = { a: voter('a'), b: voter('b'), c: voter('c') };
    talk(voters, 3);
    expect(Object.values(voters).map((each) => each.review(3, everybodyIsUp, 0))).toEqual([true, true, true]);
  });

  it('does not end because all were heard: they must have heard each other', () => {
    const a = voter('a');
    a.hear('b' as Incarnation, { seat: 'b', heard: gather(['b'] as Incarnation[]) });
    a.hear('c' as Incarnation, { seat: 'c', heard: gather(['b', 'c'] as Incarnation[]) });
    expect(a.review(3, everybodyIsUp, 0)).toBe(false);
  });

  it('L1: does not count one that is gone beside the one that took its place', () => {
    const [d, e, x, y, y2] = [voter('d'), voter('e'), voter('x'), voter('y'), voter('y2')];
    talk({ d, e, x, y }, 5);
    // y is gone, and nobody has noticed yet; the fifth process leads behind a cut.
    talk({ d, e, x, y2 }, 5);
    talk({ d, e, x, y2 }, 5);
    for (const each of [d, e, x, y2]) expect(each.review(5, everybodyIsUp, 0)).toBe(false);
  });

  it('tells its word at once when it has heard all', () => {
    const a = voter('a');
    expect([a.isTimeToSay(0), a.isTimeToSay(1)]).toEqual([true, false]);
    a.hear('b' as Incarnation, { seat: 'b', heard: gather(['b'] as Incarnation[]) });
    a.review(2, everybodyIsUp, 2);
    expect(a.isTimeToSay(2)).toBe(true);
  });
});

describe('a gathering', () => {
  it('depends on who was heard, and not on the order', () => {
    const of = (...ids: string[]) => gather(ids as Incarnation[]);
    expect(isSameGathering(of('a', 'b', 'c'), of('c', 'a', 'b'))).toBe(true);
    expect(isSameGathering(of('a', 'b', 'c'), of('a', 'b', 'd'))).toBe(false);
    expect(of('a', 'b').digest).toBeLessThan(2 ** 52);
  });
});
