import { seededRandom } from '../random.js';
import { Agenda, type Alarm } from './agenda.js';

describe('Agenda', () => {
  it('rings in order of time, each alarm once, and none that was cancelled', () => {
    const random = seededRandom(7);
    const agenda = new Agenda();
    const rung: number[] = [];
    const expected: number[] = [];
    const alarms = Array.from({ length: 500 }, (): Alarm => {
      const time = Math.floor(random() * 1_000);
      return agenda.at(time, () => rung.push(time));
    });
    for (const alarm of alarms) {
      if (random() < 0.7) agenda.cancel(alarm);
      else expected.push(alarm.at);
    }
    expected.sort((one, two) => one - two);
    expect(agenda.next()).toBe(expected[0]);
    for (let now = 0; now <= 1_000; now += 50) {
      agenda.ringDue(now);
      expect(rung).toEqual(expected.filter((time) => time <= now));
    }
    expect(agenda.next()).toBe(Infinity);
  });

  it('rings what is set while it rings', () => {
    const agenda = new Agenda();
    const rung: string[] = [];
    agenda.at(10, () => {
      rung.push('first');
      agenda.at(10, () => rung.push('second'));
      agenda.at(11, () => rung.push('later'));
    });
    agenda.ringDue(10);
    expect(rung).toEqual(['first', 'second']);
    expect(agenda.next()).toBe(11);
  });

  it('T3: puts off what judges, and nothing else', () => {
    const agenda = new Agenda();
    const rung: string[] = [];
    agenda.at(10, () => rung.push('verdict'), true);
    agenda.at(20, () => rung.push('turn'));
    agenda.putOffJudgement(300);
    agenda.ringDue(309);
    expect(rung).toEqual(['turn']);
    agenda.ringDue(310);
    expect(rung).toEqual(['turn', 'verdict']);
  });
});
