/**
 * A process that runs for one Lease and works whenever it leads. Reports what it did, with times of the machine's monotonic
 * clock, which all processes share.
 */
import { randomBytes } from 'node:crypto';
import { kubernetesLease } from '@nest-cluster/kubernetes';

const [name, leaseName, leaseSeconds] = process.argv.slice(2);
const now = () => Number(process.hrtime.bigint()) / 1e6;
const lease = kubernetesLease({ name: leaseName, leaseSeconds: Number(leaseSeconds) });
const say = (what) => process.connected && process.send({ name, ...what });

await lease.start(
  {
    cluster: 'test',
    name,
    incarnation: randomBytes(16).toString('hex'),
    candidate: true,
    priority: 0,
    rank: () => 0,
  },
  {
    acquired: (token) => say({ acquired: token, at: now() }),
    lost(token, reason) {
      say({ lost: token, reason, at: now() });
      lease.workEnded(token);
    },
    leaderChanged: (leader) => say({ leader }),
  },
);
say({ started: true });

// Every piece of work looks at the lease right before it begins (L2).
setInterval(() => {
  const at = now();
  if (lease.leadsUntil() > at) say({ worked: lease.token(), at });
}, 5);

process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => {
  void lease.stop().then(() => {
    say({ stopped: true, at: now() });
    process.disconnect();
  });
});
