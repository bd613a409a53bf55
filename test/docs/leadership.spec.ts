/**
 * What `docs/leadership.md` says is true: its example compiles, and does on the leader and elsewhere what stands there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeLeadership } from '@nest-cluster/testing';
import { Billing } from './leadership-example.js';

it('shows code that is compiled here', () => {
  const page = readFileSync(join(__dirname, '../../docs/leadership.md'), 'utf8');
  const code = readFileSync(join(__dirname, 'leadership-example.ts'), 'utf8');
  expect(page).toContain(`\`\`\`ts\n${code}\`\`\``);
});

it('shows methods that run on the leader, and are skipped or fail elsewhere', async () => {
  const leadership = fakeLeadership({ token: 3 });
  const billing = leadership.bind(new Billing(leadership));
  const all = async () => {
    billing.nightly();
    billing.announce();
    await billing.charge('order 1');
  };
  await all();
  expect(billing.done).toEqual(['nightly', 'announced', 'order 1 3']);
  leadership.lose();
  await expect(all()).rejects.toMatchObject({ code: 'CLUSTER_NOT_LEADER' });
  expect(billing.done).toHaveLength(3);
});
