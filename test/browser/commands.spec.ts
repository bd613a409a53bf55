/**
 * What an operator tells the cluster on the page, by mouse and by keyboard alone.
 */
import { DemoCluster } from '../support/demo-cluster.js';
import type { DemoNode } from '../support/demo-node.js';
import { HANDS, focused } from '../support/hand.js';
import { answer, call, fieldOf, PAGE_TOKEN, PageStage } from '../support/page-stage.js';
import { until } from '../support/until.js';

describe.each(HANDS)('commands on the page, by $name', (hand) => {
  const stage = PageStage.prepare();
  let cluster: DemoCluster;

  beforeAll(async () => {
    cluster = await DemoCluster.start(3, { CLUSTER_MANAGEMENT_TOKEN: PAGE_TOKEN });
  });
  afterAll(() => cluster.stop());

  it('skips to the content', async () => {
    const opened = await stage.open(cluster.node('n1@test'));
    const { page } = opened;
    await hand.press(page.getByRole('link', { name: 'Partitions' }));
    // The browser goes there after the press, and not with it.
    await page.waitForURL(/#partitions$/);
    if (hand.name === 'mouse') return;
    await page.reload();
    opened.expects(/status of 401/);
    await opened.says('#connection', 'live');
    await hand.press(page.getByRole('link', { name: 'Skip to content' }));
    expect(await focused(page)).toBe('main');
  });

  it('lets the leader step down', async () => {
    const leader = await cluster.settled();
    const [seer] = cluster.others(leader) as [DemoNode];
    const { token } = (await leader.status()).leader ?? { token: 0 };
    const opened = await stage.open(seer);
    const { page } = opened;
    await hand.press(page.getByRole('button', { name: 'Step down…' }));
    await opened.says('dialog', `Let ${leader.name} step down?`);
    expect(await focused(page)).toBe('Cancel');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('step-down');
    await hand.press(page.getByRole('button', { name: 'Step down…' }));
    await hand.press(answer(opened, 'Step down'));
    await opened.says('#toasts', `${leader.name} was told to step down`);
    await opened.says('#log', /leads \(token \d+\)/);
    const next = await cluster.settled();
    expect((await next.status()).leader?.token).toBeGreaterThan(token);
    // The button was gone while nobody led.
    expect(['step-down', 'overview']).toContain(await focused(page));
  });

  it('switches recovery on every node', async () => {
    const opened = await stage.open(cluster.node('n2@test'));
    const { page } = opened;
    for (const mode of ['manual', 'automatic']) {
      const choice = page.getByRole('button', { name: mode, exact: true });
      await hand.press(choice);
      await until('all nodes follow', async () => {
        const modes = await Promise.all(
          [...cluster.nodes.values()].map(async (node) => fieldOf(await call(node, 'GET', ''), 'recovery')),
        );
        return modes.every((seen) => seen === mode);
      });
      await page.locator(`#recovery-${mode}[aria-pressed=true]`).waitFor();
      expect(await focused(page)).toBe(`recovery-${mode}`);
    }
  });

  it('shows the view of the node that is chosen, and the traffic of its links', async () => {
    const opened = await stage.open(cluster.node('n1@test'));
    const { page } = opened;
    await hand.press(page.locator('#node-rows').getByRole('button', { name: 'n2@test' }));
    expect(await focused(page)).toBe('detail-name');
    await opened.says('#detail-name', 'n2@test');
    await opened.says('#detail-sees', 'n1@test, n2@test, n3@test');
    await opened.says('#detail-misses', 'nobody');
    await opened.says('#link-rows', 'n3@test');
    await page.locator('#dots .dot.chosen', { hasText: 'n2@test' }).waitFor();
    expect(await page.locator('#links .link.chosen').count()).toBe(2);
    await until('traffic is drawn', async () => {
      const widths = await page
        .locator('#links .link.chosen')
        .evaluateAll((lines) => lines.map((line) => Number(line.getAttribute('stroke-width'))));
      return widths.some((width) => width > 1);
    });
  });

  it('lets a node leave, look for others, and join again from its own page', async () => {
    const leader = await cluster.settled();
    const [seer, other] = cluster.others(leader) as [DemoNode, DemoNode];
    const opened = await stage.open(seer);
    const { page } = opened;
    await hand.press(page.locator('#node-rows').getByRole('button', { name: other.name }));
    await opened.says('#link-rows', seer.name);
    await hand.press(page.getByRole('button', { name: 'Look for others' }));
    await opened.says('#toasts', `${other.name} looks for others`);
    await hand.press(page.getByRole('button', { name: 'Leave', exact: true }));
    await opened.says('dialog', 'Its process lives on');
    await hand.press(answer(opened, 'Leave'));
    await opened.says('#log', `${other.name} left`);
    await opened.says('#size', '2 of 3');
    await page.locator('#leave').waitFor({ state: 'hidden' });
    expect(await focused(page)).toBe('nodes');
    const own = await stage.open(other);
    await own.says('#findings', `${other.name} has left the cluster`);
    await hand.press(own.page.getByRole('button', { name: 'Join again' }));
    await opened.says('#size', '3 of 3');
    await own.says('#state', 'green');
    await cluster.settled();
  });

  it('halts a node that allows it', async () => {
    const leader = await cluster.settled();
    const [seer, other] = cluster.others(leader) as [DemoNode, DemoNode];
    const opened = await stage.open(seer);
    const { page } = opened;
    await hand.press(page.locator('#node-rows').getByRole('button', { name: other.name }));
    await hand.press(page.getByRole('button', { name: 'Halt' }));
    await opened.says('dialog', 'Only whoever runs it can start it again');
    await hand.press(answer(opened, 'Halt'));
    await opened.says('#log', `${other.name} left`);
    await until('its process has ended', () => !other.isRunning);
    cluster.add(other.name);
    await cluster.settled();
  });
});

describe.each(HANDS)('a partition on the page, by $name', (hand) => {
  const stage = PageStage.prepare();
  let cluster: DemoCluster;

  beforeAll(async () => {
    cluster = await DemoCluster.start(3, {
      CLUSTER_MANAGEMENT_TOKEN: PAGE_TOKEN,
      CLUSTER_RECOVERY: 'manual',
    });
  });
  afterAll(() => cluster.stop());

  it.each(['merge', 'keep'])('is ended by %s, after what is lost was told', async (choice) => {
    const [first, , third] = [...cluster.nodes.values()] as [DemoNode, DemoNode, DemoNode];
    const opened = await stage.open(first);
    const { page } = opened;
    await opened.says('#size', '3 of 3');
    third.signal('SIGSTOP');
    await opened.says('#node-rows', /✕ down/);
    const keys = [1, 2].map((number) => `${choice}/${number}`);
    for (const key of keys) await call(first, 'PUT', `/keys/${encodeURIComponent(key)}`, 1);
    third.signal('SIGCONT');
    await opened.says('#findings', 'A partition waits for your choice');
    const waiting = page.locator('.partition.waiting');
    await hand.press(waiting.getByRole('button', { name: 'Compare' }));
    await opened.says('.difference', keys[0] ?? '');
    expect(await opened.accessibility()).toEqual([]);
    const keep = waiting.getByRole('button', { name: 'Keep n3@test…' });
    await hand.press(keep);
    await opened.says('dialog', /will be lost, on every node/);
    await opened.says('dialog .keys', keys[1] ?? '');
    expect(await opened.accessibility()).toEqual([]);
    await opened.screenshot('partition');
    await hand.press(answer(opened, 'Cancel'));
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Keep n3@test…');
    if (choice === 'merge') {
      await hand.press(waiting.getByRole('button', { name: 'Merge…' }));
      await hand.press(answer(opened, 'Merge'));
    } else {
      await hand.press(keep);
      await hand.press(answer(opened, /^Keep n3@test and lose/));
    }
    await waiting.waitFor({ state: 'detached' });
    await opened.says('#partition-list', 'is over');
    expect(await focused(page)).toBe('partitions');
    const expected = choice === 'merge' ? 200 : 404;
    await until('all nodes hold what was chosen', async () => {
      const found = await Promise.all(
        [...cluster.nodes.values()].map((node) =>
          call(node, 'GET', `/keys/${encodeURIComponent(keys[0] ?? '')}`),
        ),
      );
      return found.every(({ status }) => status === expected);
    });
    await cluster.settled();
  });
});
