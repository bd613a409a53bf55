/**
 * The page in a real browser, against real demo processes: what it shows at a glance, to whom, and while nodes come and go.
 */
import { DemoCluster } from '../support/demo-cluster.js';
import type { DemoNode } from '../support/demo-node.js';
import { freePort } from '../support/free-port.js';
import { call, keyPath, PAGE_TOKEN, PageStage } from '../support/page-stage.js';
import { until } from '../support/until.js';

const UNAUTHORIZED = /status of 401/;
const UNREACHABLE = /ERR_(CONNECTION|INTERNET|EMPTY|INCOMPLETE|NETWORK)/;

describe('the page', () => {
  const stage = PageStage.prepare();
  let cluster: DemoCluster;

  beforeEach(async () => {
    cluster = await DemoCluster.start(3, { CLUSTER_MANAGEMENT_TOKEN: PAGE_TOKEN });
  });
  afterEach(() => cluster.stop());

  const node = (index: number): DemoNode => cluster.node(`n${index}@test`);

  it('shows the cluster at a glance, drops the token from the address, and loads nothing from elsewhere', async () => {
    const opened = await stage.open(node(1));
    const { page } = opened;
    await opened.says('#state', 'green');
    await opened.says('#size', '3 of 3');
    await opened.says('#leader', /^n\d@test$/);
    await opened.says('#leader-words', /token \d+, quorum, for/);
    await opened.says('#state-since', /since \d\d:\d\d:\d\d/);
    await opened.says('#picture-text', '3 nodes, and each sees all others.');
    expect(await page.locator('#links line').count()).toBe(3);
    expect(page.url()).toBe(node(1).address('/cluster/ui'));
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    expect(loaded.filter((address) => !address.startsWith(node(1).address('/cluster')))).toEqual([]);
    // The tab keeps the token; a reload needs no other, though the address is asked for without it.
    opened.expects(UNAUTHORIZED);
    await page.reload();
    await opened.says('#connection', 'live');
    await opened.screenshot('green');
  });

  it('asks for the token where there is none, and does not let Escape past', async () => {
    const opened = await stage.visit(node(1).address('/cluster/ui'));
    opened.expects(UNAUTHORIZED);
    const { page } = opened;
    const token = page.getByLabel('Management token');
    await token.waitFor();
    expect(await opened.accessibility()).toEqual([]);
    for (let press = 0; press < 3; press++) await page.keyboard.press('Escape');
    await token.fill('wrong');
    await page.keyboard.press('Enter');
    await opened.says('dialog', 'not the right one');
    await page.keyboard.type(PAGE_TOKEN);
    await page.keyboard.press('Enter');
    await opened.says('#connection', 'live');
    expect(await page.locator('dialog').count()).toBe(0);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 375],
    ['dark', 375],
  ] as const)('is accessible in %s at %d pixels', async (colorScheme, width) => {
    await call(node(1), 'PUT', '/keys/greeting', { text: 'hello' });
    const opened = await stage.open(node(1), { colorScheme, viewport: { width, height: 800 } });
    const { page } = opened;
    await page.getByRole('button', { name: 'greeting' }).click();
    await opened.says('#editor-key', 'greeting');
    expect(await opened.accessibility()).toEqual([]);
    await opened.screenshot(`accessible-${colorScheme}-${width}`);
    // A phone does not have to be pushed sideways.
    expect(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.locator('#purge').click();
    expect(await opened.accessibility()).toEqual([]);
  });

  it('shows within a second that a node was killed, and that it came back', async () => {
    const leader = await cluster.settled();
    const [seer, victim] = cluster.others(leader) as [DemoNode, DemoNode];
    const opened = await stage.open(seer);
    await opened.says('#size', '3 of 3');
    const killedAt = Date.now();
    await victim.end('SIGKILL');
    await opened.says('#state', 'yellow');
    await opened.says('#node-rows', /✕ down/);
    const tookMs = Date.now() - killedAt;
    console.log(`the page showed the killed node after ${tookMs} ms`);
    await opened.screenshot('node-down');
    expect(tookMs).toBeLessThan(1_000);
    await opened.says('#log', `${victim.name} failed`);
    expect(await opened.accessibility()).toEqual([]);
    cluster.add(victim.name);
    await opened.says('#state', 'green');
  });

  it('shows a node whose application is blocked as degraded, and says so in words', async () => {
    // A leader's sign is a star until it has lost the lead, so that one is blocked that does not lead.
    const leader = await cluster.settled();
    const [seer, victim] = cluster.others(leader) as [DemoNode, DemoNode];
    const opened = await stage.open(seer);
    await victim.block(10_000);
    await opened.says('#node-rows tr[data-status=degraded]', victim.name);
    await opened.says('#findings', `Degraded, the application makes no progress: ${victim.name}`);
    await opened.says('#dots .dot.degraded .sign', '~');
    expect(await opened.accessibility()).toEqual([]);
    await opened.says('#picture-text', 'each sees all others');
  });

  it('misses no event while its reader is offline', async () => {
    const opened = await stage.open(node(1));
    opened.expects(UNREACHABLE);
    const { page } = opened;
    await page.getByLabel('with writes and deletes').check();
    await call(node(2), 'PUT', keyPath('before'), 1);
    await opened.says('#log', 'before was written by n2@test');
    await page.context().setOffline(true);
    await opened.says('#connection', /does not answer since/);
    for (const key of ['meanwhile/1', 'meanwhile/2']) await call(node(2), 'PUT', keyPath(key), 1);
    await page.context().setOffline(false);
    await opened.says('#connection', 'live');
    for (const key of ['meanwhile/1', 'meanwhile/2'])
      await opened.says('#log', `${key} was written by n2@test`);
    await opened.says('#log', 'n1@test answers again');
    expect(await page.locator('#log', { hasText: 'some events were missed' }).count()).toBe(0);
    for (const key of ['before', 'meanwhile/1', 'meanwhile/2'])
      expect(await page.locator('#log li', { hasText: `${key} was written` }).count()).toBe(1);
  });

  it('tells that its node is gone, and that it was restarted', async () => {
    const PORT = String(await freePort());
    await node(3).end('SIGTERM');
    cluster.add('n3@test', { PORT });
    await cluster.settled();
    const opened = await stage.open(node(3));
    opened.expects(UNREACHABLE);
    await opened.says('#state', 'green');
    await node(3).end('SIGKILL');
    await opened.says('#connection', /does not answer since/);
    await opened.screenshot('connection-lost');
    cluster.add('n3@test', { PORT });
    await opened.says('#connection', 'live');
    await opened.says('#log', /was restarted, and answers again/);
    // M8: its past lives are not listed.
    await until(
      'each name has one row',
      async () => (await opened.page.locator('#node-rows tr').count()) === 3,
    );
    await opened.says('#log', 'some events were missed');
    await opened.says('#state', 'green');
    await opened.says('#picture-text', '3 nodes, and each sees all others.');
    expect(await opened.page.locator('#connection').getAttribute('data-live')).toBe('true');
  });

  it('lets a press end on what it was aimed at, whatever happens meanwhile', async () => {
    const [looked, other] = [node(1), node(2)];
    const opened = await stage.open(looked);
    const { page } = opened;
    await opened.says('#key-count', /key/i);
    await page.locator('#purge').hover();
    await page.mouse.down();
    const keys = Array.from({ length: 40 }, (_, index) => `pushes-down-${index}`);
    const read = page.waitForResponse((response) => response.url().includes('/keys?'));
    await Promise.all(keys.map((key) => call(other, 'PUT', keyPath(key), 1)));
    // The page asks for the cluster as ever, and draws nothing.
    await page.waitForResponse((response) => response.url().endsWith('/cluster'));
    await page.mouse.up();
    await page.locator('dialog').waitFor();
    await read;
    await opened.says('#keys', 'pushes-down-39');
    // The last key may be read before one that was written beside it.
    await until(
      'all keys are shown',
      async () => (await page.locator('#keys button').count()) >= keys.length,
    );
  });
});
