/**
 * The page with much to show: a hundred thousand keys in real processes, and many nodes. What counts is how long the
 * page is busy at one go, because so long it answers nobody.
 */
import { join } from 'node:path';
import type { Route } from 'playwright-core';
import type { OpenPage } from '../support/browser.js';
import { DemoCluster } from '../support/demo-cluster.js';
import { DemoNode } from '../support/demo-node.js';
import { call, fieldOf, keyPath, PAGE_TOKEN, PageStage } from '../support/page-stage.js';
import { until, withRoom } from '../support/until.js';

const MANY_NODES = join(__dirname, '../support/many-nodes.mjs');
const KEYS = 100_000;
const REAL_NODES = 50;
/** From a click to what it shows, the browser's driver and the node's answer included. */
const PROMPT_MS = 500;
/** Longest that a page may be busy at one go. */
const BUSY_MS = 50;

/** Notes every task of 50 ms and more, as browsers count them, from when the page is loaded. */
const WATCH = `
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration);
  }).observe({ type: 'longtask', buffered: true });
`;

describe('the page with much to show', () => {
  const stage = PageStage.prepare();
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** Long tasks since the last look, in milliseconds. */
  async function longTasks({ page }: OpenPage): Promise<readonly number[]> {
    return page.evaluate<number[]>('window.longTasks.splice(0).map(Math.round)');
  }

  async function timed(what: string, act: () => Promise<unknown>): Promise<number> {
    const begin = performance.now();
    await act();
    const tookMs = Math.round(performance.now() - begin);
    console.log(`${what}: ${tookMs} ms`);
    return tookMs;
  }

  it('browses a hundred thousand keys that real nodes hold, while others write', async () => {
    const cluster = await DemoCluster.start(3, { CLUSTER_MANAGEMENT_TOKEN: PAGE_TOKEN });
    ends.push(() => cluster.stop());
    const [reader, writer] = [cluster.node('n1@test'), cluster.node('n2@test')];
    const filled = await writer.fetch(`/demo/fill?keys=${KEYS}`, { method: 'POST' });
    expect(filled.status).toBe(201);
    // Whoever follows events is told of each of them, and dropped if that is too much; this page comes later.
    await until('the reader has them, too', async () => {
      const metrics = await (await reader.fetch('/metrics')).text();
      return Number(/^cluster_store_size (\d+)$/m.exec(metrics)?.[1]) >= KEYS;
    });
    const opened = await stage.open(reader);
    const { page } = opened;
    const prefix = page.getByLabel('Keys that begin with');
    await prefix.fill('k/');
    await opened.says('#key-count', '100,000 keys, 100 shown');
    await page.evaluate(WATCH);
    await longTasks(opened);
    const times = [
      await timed('the next page', async () => {
        await page.getByRole('button', { name: 'More' }).click();
        await opened.says('#key-count', '200 shown');
      }),
      await timed('ten keys by prefix', async () => {
        await prefix.fill('k/004200');
        await opened.says('#key-count', '10 keys');
      }),
      await timed('one key', async () => {
        await page.getByRole('button', { name: 'k/0042003' }).click();
        await opened.says('#editor-key', 'k/0042003');
      }),
    ];
    await page.getByLabel('with writes and deletes').check();
    let isOver = false;
    const writes = (async () => {
      for (let round = 0; !isOver; round++)
        await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            call(writer, 'PUT', keyPath(`k/004200${index % 10}`), round),
          ),
        );
    })();
    await opened.says('#editor-note', /Changed at/);
    times.push(
      await timed('another key, while others write', async () => {
        await page.getByRole('button', { name: 'k/0042007' }).click();
        await opened.says('#editor-key', 'k/0042007');
      }),
    );
    isOver = true;
    await writes;
    const busy = await longTasks(opened);
    console.log(`long tasks with ${KEYS} keys: ${busy.join(', ') || 'none'} ms`);
    for (const tookMs of times) expect(tookMs).toBeLessThan(withRoom(PROMPT_MS));
    for (const tookMs of busy) expect(tookMs).toBeLessThan(withRoom(BUSY_MS));
  });

  it.each([
    ['fifty nodes, all real', REAL_NODES, 1],
    ['two hundred, each of fifty real ones shown as four', 4 * REAL_NODES, 4],
  ])('shows %s', async (_, count, times) => {
    const many = DemoNode.start(
      'many',
      { NODES: String(REAL_NODES), CLUSTER_MANAGEMENT_TOKEN: PAGE_TOKEN },
      MANY_NODES,
    );
    ends.push(() => many.end('SIGKILL'));
    await until('all are up and seen by all', async () => {
      await many.listening();
      const nodes = await fieldOf(await call(many, 'GET', ''), 'nodes');
      return JSON.stringify(nodes).split(`node-050@test"`).length > REAL_NODES;
    });
    const opened = await stage.open(many);
    const { page } = opened;
    if (times > 1) await page.route('**/cluster', (route) => multiply(route, times));
    await opened.says('#picture-text', `${count} nodes, and each sees all others.`);
    await page.evaluate(WATCH);
    await longTasks(opened);
    const tookMs = await timed('the view of one node', async () => {
      await page.locator('#node-rows').getByRole('button', { name: 'node-042@test', exact: true }).click();
      await opened.says('#detail-name', 'node-042@test');
      await opened.says('#detail-sees', 'node-050@test');
    });
    await opened.says('#link-rows', 'node-001@test');
    await page.locator('#dots .dot.chosen').waitFor();
    expect(await page.locator('#links .link.chosen').count()).toBe(count - 1);
    // Some rounds in which everything is asked for and drawn anew.
    for (let round = 0; round < 4; round++)
      await page.waitForResponse((response) => response.url().endsWith('/cluster'));
    const busy = await longTasks(opened);
    console.log(`long tasks with ${count} nodes: ${busy.join(', ') || 'none'} ms`);
    expect(tookMs).toBeLessThan(withRoom(PROMPT_MS));
    for (const task of busy) expect(task).toBeLessThan(withRoom(BUSY_MS));
    expect(await opened.accessibility()).toEqual([]);
    await opened.screenshot(`${count}-nodes`);
  });
});

interface ClusterLike {
  readonly nodes: readonly {
    readonly name: string;
    readonly incarnation: string;
    readonly sees: readonly string[];
  }[];
}

/** Answers as if there were so many of each node. */
async function multiply(route: Route, times: number): Promise<void> {
  const response = await route.fetch();
  const answer = (await response.json()) as ClusterLike;
  const copies = (name: string) =>
    Array.from({ length: times }, (_, copy) => (copy === 0 ? name : name.replace('@', `-${copy}@`)));
  const nodes = answer.nodes.flatMap((node) =>
    copies(node.name).map((name, copy) => ({
      ...node,
      name,
      incarnation: `${node.incarnation}${copy}`,
      sees: node.sees.flatMap(copies),
    })),
  );
  await route.fulfill({ response, json: { ...answer, nodes } });
}
