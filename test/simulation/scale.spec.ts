// M6 and M4 as the cluster grows: what one node sends does not depend on how many there are.
import { measureScale, PRODUCT } from '@nest-cluster/testing';

describe('membership at scale', () => {
  const [few, many] = [10, 60].map((nodes) => measureScale(nodes, PRODUCT));

  it('M6: load per node stays flat', () => {
    expect(many?.messagesPerSecond).toBeLessThan(1.2 * (few?.messagesPerSecond ?? 0));
    expect(many?.bytesPerSecond).toBeLessThan(1.2 * (few?.bytesPerSecond ?? 0));
  });

  it('M3: silence is known within five seconds in a small cluster, and grows slowly', () => {
    expect(few?.silenceKnownMs).toBeLessThan(5_000);
    expect(many?.silenceKnownMs).toBeLessThan(10_000);
  });

  it('M4: 10 % of loss raises no false alarm', () => {
    expect([few?.falseAlarms, many?.falseAlarms]).toEqual([0, 0]);
  });
});
