import { LEADERSHIP_DEFAULTS, MEMBERSHIP_DEFAULTS } from '@nest-cluster/protocol';
import type { ControlPlaneConfig } from './config.js';
import { drawIdentity } from './identity.js';

const CONFIG: ControlPlaneConfig = {
  name: 'a',
  cluster: 'test',
  host: '127.0.0.1',
  port: 0,
  priority: -1_000,
  dataPort: 0,
  security: { kind: 'plain' },
  membership: MEMBERSHIP_DEFAULTS,
  leadership: LEADERSHIP_DEFAULTS,
  thread: 'main',
};

describe('drawIdentity', () => {
  it('L6: puts a node that never leads behind everybody who may', () => {
    const witness = drawIdentity({ ...CONFIG, leadership: { ...LEADERSHIP_DEFAULTS, candidate: false } }, 1);
    expect(drawIdentity(CONFIG, 1).priority).toBe(-1_000);
    expect(witness.priority).toBeLessThan(-1_000);
  });

  it('T1: draws another incarnation each time', () => {
    expect(drawIdentity(CONFIG, 1).incarnation).not.toBe(drawIdentity(CONFIG, 1).incarnation);
  });
});
