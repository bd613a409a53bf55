/**
 * What `docs/kubernetes.md` says is true: no setting is left out, and the manifests say what it says of them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kubernetes, kubernetesLease } from '@nest-cluster/kubernetes';

const root = join(__dirname, '../..');
const page = readFile(join(root, 'docs/kubernetes.md'), 'utf8').then((text) => text.replace(/ +/g, ' '));
const section = async (title: string): Promise<string> =>
  (await page).split('\n## ').find((text) => text.startsWith(title)) ?? '';

describe('docs/kubernetes.md', () => {
  it('lists every setting of kubernetes() beside its variable', async () => {
    // Whatever is asked for holds nonsense, so that every setting has a problem.
    const nonsense = new Proxy<Record<string, string>>({}, { get: () => '?! '.repeat(500) });
    const problems = kubernetes().problems(nonsense);
    expect(problems.length).toBe(8);
    const text = await section('Discovery');
    const missing = problems.filter(
      ({ option, variable }) => !text.includes(`| \`${option.split('.')[1]}\` | \`${variable}\``),
    );
    expect(missing).toEqual([]);
  });

  it('lists every setting of kubernetesLease() beside its variable', async () => {
    const listener = { acquired: () => undefined, lost: () => undefined, leaderChanged: () => undefined };
    const lease = kubernetesLease({ name: '?!', namespace: '?!', leaseSeconds: 0 });
    const thrown = await lease
      .start(
        { cluster: 'x', name: 'x', incarnation: 'x', candidate: true, priority: 0, rank: () => 0 },
        listener,
      )
      .catch(String);
    const named = [...String(thrown).matchAll(/kubernetesLease\.(\w+) \((\w+)\)/g)];
    expect(named).toHaveLength(3);
    const text = await section('Leadership');
    expect(
      named.filter(([, option, variable]) => !text.includes(`| \`${option}\` | \`${variable}\``)),
    ).toEqual([]);
  });

  it('says of the manifests what they say', async () => {
    const text = await page;
    const manifest = await readFile(join(root, 'deploy/statefulset/statefulset.yaml'), 'utf8');
    for (const choice of [
      'podManagementPolicy: Parallel',
      'minReadySeconds: 5',
      'terminationGracePeriodSeconds: 30',
    ]) {
      expect([text.includes(choice), manifest.includes(choice)]).toEqual([true, true]);
    }
  });
});
