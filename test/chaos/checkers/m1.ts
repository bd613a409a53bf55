/**
 * M1: on every node, up and down alternate for each name, and who goes down is the life that was up.
 */
import { at, type Checker, type Violation } from '../history/history.js';
import { nodeOf, stretchesOf } from '../history/streams.js';

export const m1: Checker = (history) =>
  stretchesOf(history).flatMap(({ life, events }) => {
    const up = new Map<string, string | null>();
    const violations: Violation[] = [];
    for (const heard of events) {
      if (heard.event !== 'nodeUp' && heard.event !== 'nodeDown') continue;
      const { name, incarnation } = nodeOf(heard);
      const was = up.get(name);
      const isUp = heard.event === 'nodeUp';
      const isWrong = was !== undefined && (isUp ? was !== null : was !== incarnation);
      if (isWrong)
        violations.push({
          rule: 'M1',
          what: `${life} is told that ${name} ${incarnation.slice(0, 8)} is ${isUp ? 'up' : 'down'} at ${at(history, heard.t)}; it was ${was === null ? 'down' : `up as ${was.slice(0, 8)}`}`,
        });
      up.set(name, isUp ? incarnation : null);
    }
    return violations;
  });
