import { Rejections } from './rejections.js';

describe('Rejections', () => {
  it('tells the first at once and the rest once per second, with their number', () => {
    const rejections = new Rejections();
    rejections.add('unknownKey', 'first');
    expect(rejections.nextDeadline()).toBeLessThanOrEqual(0);
    expect(rejections.take(0)).toEqual([{ reason: 'unknownKey', detail: 'first', count: 1 }]);
    for (let peer = 0; peer < 500; peer++) rejections.add('unknownKey', `peer ${peer}`);
    expect(rejections.take(500)).toEqual([]);
    expect(rejections.nextDeadline()).toBe(1_000);
    expect(rejections.take(1_000)).toEqual([{ reason: 'unknownKey', detail: 'peer 499', count: 500 }]);
    expect(rejections.nextDeadline()).toBe(Infinity);
    expect(rejections.totals()).toEqual({ unknownKey: 501 });
  });

  it('does not let one reason silence another', () => {
    const rejections = new Rejections();
    rejections.add('plainText', 'a');
    rejections.take(0);
    rejections.add('otherCluster', 'b');
    expect(rejections.take(1)).toEqual([{ reason: 'otherCluster', detail: 'b', count: 1 }]);
  });
});
