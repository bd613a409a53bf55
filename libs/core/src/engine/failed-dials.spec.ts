import type { Address } from '@nest-cluster/protocol';
import { FailedDials } from './failed-dials.js';

describe('the dials that failed', () => {
  it('are kept by address with the last failure, until the address is reached', () => {
    const dials = new FailedDials();
    const [one, two] = ['10.0.0.1:1', '10.0.0.2:1'] as [Address, Address];
    dials.failed(one, 'unreachable');
    dials.failed(two, 'refused');
    dials.failed(one, 'refused');
    expect(dials.all()).toEqual([
      { address: two, failure: 'refused' },
      { address: one, failure: 'refused' },
    ]);
    dials.reached(two);
    expect(dials.all()).toEqual([{ address: one, failure: 'refused' }]);
  });

  it('are bounded in number, the latest kept', () => {
    const dials = new FailedDials();
    for (let port = 1; port <= 1_000; port++) dials.failed(`10.0.0.1:${port}` as Address, 'refused');
    expect(dials.all()).toHaveLength(32);
    expect(dials.all().at(-1)?.address).toBe('10.0.0.1:1000');
  });
});
