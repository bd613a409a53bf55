import { resolveLease } from './settings.js';

describe('the name of the Lease', () => {
  it.each(['a..b', 'a.-b', 'a-.b', '.a', 'a.', 'A', 'a_b', 'a'.repeat(254)])(
    'is refused at the start when the server would refuse it: %s',
    (name) => {
      expect(() => resolveLease({ name }, {}, 'shop')).toThrow(/kubernetesLease\.name.*single dots/);
    },
  );

  it.each(['a', 'a.b', 'a--b.c-d.0', 'a'.repeat(253)])('may be %s', (name) => {
    expect(resolveLease({ name }, {}, 'shop').name).toBe(name);
  });

  it('is checked when it comes from the name of the cluster, too', () => {
    expect(resolveLease({}, {}, 'Shop One').name).toBe('nest-cluster-shop-one');
    expect(() => resolveLease({}, {}, 'shop..one')).toThrow(/kubernetesLease\.name/);
  });
});
