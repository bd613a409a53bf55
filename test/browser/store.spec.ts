/**
 * The store on the page: browsed, read, written, watched and deleted, by mouse and by keyboard alone.
 */
import { DemoCluster } from '../support/demo-cluster.js';
import type { DemoNode } from '../support/demo-node.js';
import { HANDS, focused } from '../support/hand.js';
import { answer, call, keyPath, PAGE_TOKEN, PageStage } from '../support/page-stage.js';
import { until } from '../support/until.js';

/** A key and a value that would do something if they were taken for markup. */
const HOSTILE = '<img src=x onerror=alert(1)>/%2F?#"\'';

describe.each(HANDS)('the store on the page, by $name', (hand) => {
  const stage = PageStage.prepare();
  let cluster: DemoCluster;

  beforeAll(async () => {
    cluster = await DemoCluster.start(3, { CLUSTER_MANAGEMENT_TOKEN: PAGE_TOKEN });
  });
  afterEach(() => call(node(1), 'DELETE', '/keys?all=true&ack=all'));
  afterAll(() => cluster.stop());

  const node = (index: number): DemoNode => cluster.node(`n${index}@test`);

  const put = async (of: DemoNode, key: string, value: unknown) => {
    const { status } = await call(of, 'PUT', `${keyPath(key)}?ack=all`, value);
    expect(status).toBe(200);
  };

  /** The page deletes with a quorum, and the second node need not be part of it. */
  const isGone = (key: string) =>
    until('it is gone there, too', async () => (await call(node(2), 'GET', keyPath(key))).status === 404);

  it('is browsed by prefix, page by page, and read', async () => {
    await Promise.all(
      Array.from({ length: 130 }, (_, index) =>
        put(node(2), `user/${String(index).padStart(3, '0')}`, index),
      ),
    );
    await put(node(2), 'other', { text: 'x' });
    const opened = await stage.open(node(1));
    const { page } = opened;
    await hand.write(page.getByLabel('Keys that begin with'), 'user/');
    await hand.press(page.getByRole('button', { name: 'Show', exact: true }));
    await opened.says('#key-count', '130 keys, 100 shown');
    await hand.press(page.getByRole('button', { name: 'More' }));
    await opened.says('#keys', 'user/129');
    expect(await page.locator('#keys li').count()).toBe(130);
    // The button that was pressed is gone, and the keyboard goes on in the same part of the page.
    expect(await focused(page)).toBe('store');
    await hand.write(page.getByLabel('Keys that begin with'), 'other');
    await opened.says('#key-count', '1 key');
    await hand.press(page.getByRole('button', { name: 'other', exact: true }));
    await opened.says('#editor-key', 'other');
    expect(await focused(page)).toBe('editor-key');
    await until('the value is shown', async () =>
      (await page.getByLabel('Value, as JSON').inputValue()).includes('"text": "x"'),
    );
  });

  it('is written and deleted, and shows markup as text', async () => {
    const opened = await stage.open(node(1));
    const { page } = opened;
    const value = page.getByLabel('Value, as JSON');
    await hand.press(page.getByRole('button', { name: 'New key' }));
    expect(await focused(page)).toBe('key');
    await hand.write(page.getByRole('textbox', { name: 'Key', exact: true }), HOSTILE);
    await hand.write(value, 'no json');
    await hand.press(page.getByRole('button', { name: 'Save' }));
    await opened.says('#toasts', 'not JSON');
    await hand.write(value, JSON.stringify({ html: HOSTILE }));
    await hand.pick(page.getByLabel('Confirmed by'), 'all');
    await hand.press(page.getByRole('button', { name: 'Save' }));
    await opened.says('#keys', HOSTILE);
    await hand.press(page.getByLabel('with writes and deletes'));
    await opened.says('#log', `${HOSTILE} was written by n1@test`);
    const stored = await call(node(2), 'GET', keyPath(HOSTILE));
    expect(await stored.json()).toMatchObject({ key: HOSTILE, value: { html: HOSTILE } });
    expect(await page.locator('img').count()).toBe(0);
    expect(await opened.accessibility()).toEqual([]);
    await hand.press(page.locator('#delete-key'));
    await opened.says('dialog', `Delete ${HOSTILE}?`);
    // The harmless answer has the focus, Escape is one, and the focus goes back where it was.
    expect(await focused(page)).toBe('Cancel');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('delete-key');
    await hand.press(page.locator('#delete-key'));
    await hand.press(answer(opened, 'Delete'));
    await page.locator('#keys', { hasText: HOSTILE }).waitFor({ state: 'hidden' });
    expect(await focused(page)).toBe('delete-key');
    await isGone(HOSTILE);
  });

  it('writes what expires, and says when it did', async () => {
    const opened = await stage.open(node(1));
    const { page } = opened;
    await hand.press(page.getByRole('button', { name: 'New key' }));
    await hand.write(page.getByRole('textbox', { name: 'Key', exact: true }), 'short');
    await hand.write(page.getByLabel('Value, as JSON'), '1');
    await hand.write(page.getByLabel('Expires after (ms)'), '5000');
    await hand.press(page.getByRole('button', { name: 'Save' }));
    await opened.says('#keys', 'short');
    await opened.says('#editor-note', /Expired at/);
    await page.locator('#keys', { hasText: 'short' }).waitFor({ state: 'hidden' });
    expect((await call(node(2), 'GET', keyPath('short'))).status).toBe(404);
  });

  it('is watched: what others write is shown, and what is being typed is kept', async () => {
    await put(node(2), 'watched', 'first');
    const opened = await stage.open(node(1));
    const { page } = opened;
    const value = page.getByLabel('Value, as JSON');
    await hand.press(page.getByRole('button', { name: 'watched' }));
    await until('it is read', async () => (await value.inputValue()) === '"first"');
    await put(node(2), 'watched', 'second');
    await opened.says('#editor-note', /Changed at .* by n2@test/);
    expect(await value.inputValue()).toBe('"second"');
    await hand.write(value, '{"mine": true}');
    await put(node(3), 'watched', 'third');
    await opened.says('#editor-note', /while you were editing/);
    expect(await value.inputValue()).toBe('{"mine": true}');
    await hand.press(page.getByRole('button', { name: 'Take the new value' }));
    await until('it is taken', async () => (await value.inputValue()) === '"third"');
    expect(await focused(page)).toBe('value');
    await opened.screenshot(`store-by-${hand.name}`);
    await call(node(3), 'DELETE', keyPath('watched'));
    await opened.says('#editor-note', /Deleted at .* by n3@test/);
  });

  it('is emptied, after a question', async () => {
    await put(node(2), 'a', 1);
    const opened = await stage.open(node(1));
    const { page } = opened;
    await opened.says('#keys', 'a');
    await hand.press(page.locator('#purge'));
    await hand.press(answer(opened, 'Cancel'));
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('purge');
    expect((await call(node(2), 'GET', keyPath('a'))).status).toBe(200);
    await hand.press(page.locator('#purge'));
    await hand.press(answer(opened, 'Delete every key'));
    await opened.says('#toasts', 'every key was deleted');
    await isGone('a');
  });
});
