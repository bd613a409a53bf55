/**
 * One listener hears one event at a time, in order, whatever it does meanwhile (N4, S6).
 */
import { Delivery } from './delivery.js';
import { messageOf, within } from './within.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function rig(listener: (event: number, deliver: (event: number) => void) => unknown) {
  const failed: unknown[] = [];
  const delivery: Delivery<number> = new Delivery((event) => listener(event, deliver), {
    failed: (error) => failed.push(error),
    overflowed: () => failed.push('overflowed'),
  });
  const deliver = (event: number) => delivery.deliver(event);
  return { deliver, failed };
}

describe('a listener', () => {
  it('hears what it brings about itself after what was there before', async () => {
    const heard: number[] = [];
    const { deliver } = rig(async (event, bring) => {
      heard.push(event);
      if (event === 1) bring(10);
      await turn();
    });
    for (const event of [0, 1, 2]) deliver(event);
    while (heard.length < 4) await turn();
    expect(heard).toEqual([0, 1, 2, 10]);
  });

  it('is not called again while it runs', () => {
    const trace: string[] = [];
    const { deliver } = rig((event, bring) => {
      trace.push(`${event} begins`);
      if (event === 1) bring(2);
      trace.push(`${event} ends`);
    });
    deliver(1);
    expect(trace).toEqual(['1 begins', '1 ends', '2 begins', '2 ends']);
  });

  it('hears the next one after any kind of failure', async () => {
    const heard: number[] = [];
    const oddities = [
      () => Promise.reject(Object.create(null)),
      () => {
        throw Object.create(null);
      },
      () => ({
        // oxlint-disable-next-line unicorn/no-thenable -- a promise that is none
        then() {
          throw new Error('no promise');
        },
      }),
      () => undefined,
    ];
    const { deliver, failed } = rig((event) => {
      heard.push(event);
      return oddities[event]?.();
    });
    for (const event of oddities.keys()) deliver(event);
    while (heard.length < oddities.length) await turn();
    expect(heard).toEqual([0, 1, 2, 3]);
    expect(failed.map(messageOf)).toEqual([
      'something that has no text',
      'something that has no text',
      'no promise',
    ]);
  });
});

it('waits without a limit where the limit is more than a timer can take', async () => {
  const late = () => new Error('late');
  for (const ms of [Infinity, 2 ** 31]) expect(await within(ms, turn(), late)).toBeUndefined();
});
