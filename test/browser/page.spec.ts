/**
 * The page in a real browser, against real demo processes: seen, clicked, and used by keyboard.
 */
import type { Browser, Page } from 'playwright-core';
import { OpenPage, openBrowser } from '../support/browser.js';
import { DemoCluster } from '../support/demo-cluster.js';
import type { DemoNode } from '../support/demo-node.js';
import { until } from '../support/until.js';

const TOKEN = 'browser-token';
/** A key and a value that would do something if they were taken for markup. */
const HOSTILE = '<img src=x onerror=alert(1)>/%2F?#"\'';

describe('the page', () => {
  let browser: Browser;
  let cluster: DemoCluster;
  const pages: OpenPage[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    cluster = await DemoCluster.start(3, { CLUSTER_MANAGEMENT_TOKEN: TOKEN });
  });
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.close()));
    await cluster.stop();
  });

  const node = (index: number): DemoNode => cluster.node(`n${index}@test`);

  async function open(of: DemoNode, options: Parameters<typeof OpenPage.open>[2] = {}): Promise<OpenPage> {
    const opened = await OpenPage.open(browser, of.address(`/cluster/ui?token=${TOKEN}`), options);
    pages.push(opened);
    await opened.says('#connection', 'live');
    return opened;
  }

  const call = (of: DemoNode, method: string, path: string, body?: unknown) =>
    of.fetch(`/cluster${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  const confirm = (page: Page, label: string | RegExp) =>
    page.locator('dialog').getByRole('button', { name: label }).click();

  it('shows the cluster at a glance, drops the token from the address, and loads nothing from elsewhere', async () => {
    const opened = await open(node(1));
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
    // The tab keeps the token; a reload needs no other.
    await page.reload();
    await opened.says('#connection', 'live');
    await opened.screenshot('green');
    expect(opened.errors.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('asks for the token where there is none', async () => {
    const opened = await OpenPage.open(browser, node(1).address('/cluster/ui'));
    pages.push(opened);
    await opened.page.getByLabel('Management token').fill('wrong');
    await opened.page.keyboard.press('Enter');
    await opened.says('dialog', 'not the right one');
    await opened.page.getByLabel('Management token').fill(TOKEN);
    await opened.page.keyboard.press('Enter');
    await opened.says('#connection', 'live');
    expect(await opened.page.locator('dialog').count()).toBe(0);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 375],
    ['dark', 375],
  ] as const)('is accessible in %s at %d pixels', async (colorScheme, width) => {
    await call(node(1), 'PUT', '/keys/greeting', { text: 'hello' });
    const opened = await open(node(1), { colorScheme, viewport: { width, height: 800 } });
    const { page } = opened;
    await page.getByRole('button', { name: 'greeting' }).click();
    await opened.says('#editor-key', 'greeting');
    expect(await opened.accessibility()).toEqual([]);
    await opened.screenshot(`accessible-${colorScheme}-${width}`);
    // A phone does not have to be pushed sideways.
    expect(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.locator('#purge').click();
    expect(await opened.accessibility()).toEqual([]);
    expect(opened.errors).toEqual([]);
  });

  it('shows within a second that a node was killed, and that it came back', async () => {
    const leader = await cluster.settled();
    const [seer, victim] = cluster.others(leader) as [DemoNode, DemoNode];
    const opened = await open(seer);
    await opened.says('#size', '3 of 3');
    const killedAt = Date.now();
    await victim.end('SIGKILL');
    await opened.says('#state', 'yellow');
    await opened.says('#node-rows', /✕ down/);
    const tookMs = Date.now() - killedAt;
    await opened.screenshot('node-down');
    expect(tookMs).toBeLessThan(1_000);
    await opened.says('#log', `${victim.name} failed`);
    expect(await opened.accessibility()).toEqual([]);
    cluster.add(victim.name);
    await opened.says('#state', 'green');
  });

  it('reads, writes, watches and deletes keys, and shows markup as text', async () => {
    const opened = await open(node(1));
    const { page } = opened;
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('textbox', { name: 'Key', exact: true }).fill(HOSTILE);
    await page.getByLabel('Value, as JSON').fill(JSON.stringify({ html: HOSTILE }));
    await page.getByRole('button', { name: 'Save' }).click();
    await opened.says('#keys', HOSTILE);
    await page.getByLabel('with writes and deletes').check();
    await opened.says('#log', `${HOSTILE} was written by n1@test`);
    const stored = await call(node(2), 'GET', `/keys/${encodeURIComponent(HOSTILE)}`);
    expect(await stored.json()).toMatchObject({ key: HOSTILE, value: { html: HOSTILE } });
    expect(await page.locator('img').count()).toBe(0);
    // Another node changes it under the reader's eyes.
    await call(node(2), 'PUT', `/keys/${encodeURIComponent(HOSTILE)}`, { html: 'changed' });
    await opened.says('#editor-note', /Changed at .* by n2@test/);
    expect(await page.getByLabel('Value, as JSON').inputValue()).toContain('changed');
    // What somebody types is not overwritten.
    await page.getByLabel('Value, as JSON').fill('{"mine": true}');
    await call(node(3), 'PUT', `/keys/${encodeURIComponent(HOSTILE)}`, { html: 'again' });
    await opened.says('#editor-note', /while you were editing/);
    expect(await page.getByLabel('Value, as JSON').inputValue()).toBe('{"mine": true}');
    await page.getByRole('button', { name: 'Take the new value' }).click();
    await until('it is taken', async () =>
      (await page.getByLabel('Value, as JSON').inputValue()).includes('again'),
    );
    await opened.screenshot('store');
    await page.getByLabel('Value, as JSON').fill('no json');
    await page.getByRole('button', { name: 'Save' }).click();
    await opened.says('#toasts', 'not JSON');
    await page.locator('#delete-key').click();
    await confirm(page, 'Delete');
    await page.locator('#keys', { hasText: HOSTILE }).waitFor({ state: 'hidden' });
    expect(opened.errors).toEqual([]);
  });

  it('browses by prefix and page by page, with a hundred thousand keys', async () => {
    await fill(node(1), 100_000);
    const opened = await open(node(1));
    const { page } = opened;
    await page.getByLabel('Keys that begin with').fill('k/');
    await opened.says('#key-count', '100,000 keys, 100 shown');
    await page.getByRole('button', { name: 'More' }).click();
    await opened.says('#key-count', '200 shown');
    await page.getByLabel('Keys that begin with').fill('k/004200');
    await opened.says('#key-count', '10 keys');
    const longestMs = await page.evaluate<number>(LONGEST_FRAME);
    expect(longestMs).toBeLessThan(500);
  });

  it('lets the leader step down, another node leave, and switches recovery', async () => {
    const leader = await cluster.settled();
    const [seer, other] = cluster.others(leader) as [DemoNode, DemoNode];
    const opened = await open(seer);
    const { page } = opened;
    await page.getByRole('button', { name: 'Step down…' }).click();
    await confirm(page, 'Step down');
    await opened.says('#toasts', `${leader.name} was told to step down`);
    await opened.says('#log', /leads \(token \d+\)/);
    await page.getByRole('button', { name: 'manual' }).click();
    await until('all nodes follow', async () => {
      const modes = await Promise.all(
        [1, 2, 3].map(async (index) => recoveryOf(await call(node(index), 'GET', ''))),
      );
      return modes.every((mode) => mode === 'manual');
    });
    await page.locator('#node-rows').getByRole('button', { name: other.name }).click();
    await opened.says('#detail-name', other.name);
    await opened.says('#link-rows', seer.name);
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await confirm(page, 'Leave');
    await opened.says('#log', `${other.name} left`);
    await opened.says('#size', '2 of 3');
    // A node that left is brought back from its own page.
    const own = await open(other);
    await own.says('#findings', `${other.name} has left the cluster`);
    await own.page.getByRole('button', { name: 'Join again' }).click();
    await opened.says('#size', '3 of 3');
    expect([...opened.errors, ...own.errors]).toEqual([]);
  });

  it('resolves a partition by hand, and says what will be lost', async () => {
    await call(node(1), 'PUT', '', { recovery: 'manual' });
    const opened = await open(node(1));
    const { page } = opened;
    node(3).signal('SIGSTOP');
    await opened.says('#node-rows', /✕ down/);
    for (const key of ['apart/1', 'apart/2'])
      await call(node(1), 'PUT', `/keys/${encodeURIComponent(key)}`, 1);
    node(3).signal('SIGCONT');
    await opened.says('#findings', 'A partition waits for your choice');
    const waiting = page.locator('.partition.waiting');
    await waiting.getByRole('button', { name: 'Compare' }).click();
    await opened.says('.difference', 'apart/1');
    expect(await opened.accessibility()).toEqual([]);
    await waiting.getByRole('button', { name: 'Keep n3@test…' }).click();
    await opened.says('dialog', /will be lost, on every node/);
    await opened.says('dialog .keys', 'apart/2');
    await opened.screenshot('partition');
    await confirm(page, 'Cancel');
    await waiting.getByRole('button', { name: 'Merge…' }).click();
    await confirm(page, 'Merge');
    await opened.says('#partition-list', 'is over');
    await until(
      'n3 has what it missed',
      async () => (await call(node(3), 'GET', '/keys/apart%2F1')).status === 200,
    );
    expect(opened.errors).toEqual([]);
  });

  it('shows a one-way cut, and nodes that disagree', async () => {
    const opened = await open(node(1));
    const { page } = opened;
    await page.route('**/cluster', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as ClusterLike;
      const [, second, third] = answer.nodes;
      if (second?.view && third?.view) {
        second.sees = second.sees.filter((name) => name !== third.name);
        third.view.leader = { node: 'n9@test', token: 1, guarantee: 'quorum' };
      }
      await route.fulfill({ response, json: answer });
    });
    await opened.says('#findings', 'One-way cut: n3@test hears n2@test, but n2@test does not hear n3@test.');
    await opened.says('#findings', 'Nodes disagree on who leads.');
    await opened.says('#picture-text', 'One-way cut');
    expect(await page.locator('.rift.oneWay line').getAttribute('marker-end')).toBe('url(#arrow)');
    expect(await opened.accessibility()).toEqual([]);
    await opened.screenshot('one-way-cut');
  });

  it('is not slowed by two hundred nodes', async () => {
    const opened = await open(node(1));
    const { page } = opened;
    await page.route('**/cluster', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as ClusterLike;
      const [first] = answer.nodes;
      if (first === undefined) return route.fulfill({ response });
      const names = Array.from({ length: 200 }, (_, index) => `node-${index}@test`);
      const others = names.map((name, index) => ({
        ...first,
        name,
        incarnation: name,
        self: index === 0,
        leader: index === 7,
        sees: names,
      }));
      await route.fulfill({ response, json: { ...answer, nodes: others } });
    });
    await opened.says('#picture-text', '200 nodes, and each sees all others.');
    expect(await page.evaluate<number>(LONGEST_FRAME)).toBeLessThan(500);
    await page.locator('#node-rows').getByRole('button', { name: 'node-150@test' }).click();
    await opened.says('#detail-name', 'node-150@test');
    await opened.screenshot('two-hundred-nodes');
  });

  it('is used by keyboard alone', async () => {
    const opened = await open(node(1));
    const { page } = opened;
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const focused = () => page.evaluate<string>(`document.activeElement?.textContent?.trim() ?? ''`);
    const tabTo = (label: string) =>
      until(`the focus is on ${label}`, async () => {
        if ((await focused()) === label) return true;
        await page.keyboard.press('Tab');
        return false;
      });
    await tabTo('New key');
    await page.keyboard.press('Enter');
    await page.keyboard.type('by-keyboard');
    await page.keyboard.press('Tab');
    await page.keyboard.type('"typed"');
    await tabTo('Save');
    await page.keyboard.press('Enter');
    await opened.says('#keys', 'by-keyboard');
    await tabTo('Step down…');
    await page.keyboard.press('Enter');
    await opened.says('dialog', 'step down?');
    // The harmless answer has the focus, and Escape is one.
    expect(await focused()).toBe('Cancel');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
  });

  it('tells that its node is gone, and that it was restarted', async () => {
    const opened = await open(node(3));
    await opened.says('#state', 'green');
    const { port } = new URL(node(3).address('/'));
    await node(3).end('SIGKILL');
    await opened.says('#connection', /does not answer since/);
    await opened.screenshot('connection-lost');
    cluster.add('n3@test', { PORT: port });
    await opened.says('#connection', 'live');
    await opened.says('#log', /was restarted, and answers again/);
    await opened.says('#state', 'green');
    expect(opened.errors.filter((text) => !/ERR_|network/i.test(text))).toEqual([]);
  });
});

/** Runs in the page: the longest time between two frames during three seconds, in milliseconds. */
const LONGEST_FRAME = `(async () => {
  let longest = 0;
  let last = performance.now();
  const end = last + 3000;
  while (last < end) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  return longest;
})()`;

/** What of the answer these tests change. */
interface ClusterLike {
  readonly nodes: { name: string; sees: string[]; view: { leader: object | null } | null }[];
}

async function recoveryOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  return typeof body === 'object' && body !== null ? Reflect.get(body, 'recovery') : undefined;
}

/** Writes keys `k/0000000` and on, as fast as one node takes them. */
async function fill(node: DemoNode, count: number): Promise<void> {
  const response = await node.fetch(`/demo/fill?keys=${count}`, { method: 'POST' });
  if (!response.ok) throw new Error(`filled nothing: ${response.status} ${await response.text()}`);
}
