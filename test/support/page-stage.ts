/**
 * A browser, and the pages that a test opens in it. No test passes in which a console had something to say, unless the test
 * had asked for it.
 */
import type { Browser, BrowserContextOptions, Locator } from 'playwright-core';
import { OpenPage, openBrowser } from './browser.js';
import type { DemoNode } from './demo-node.js';
import { until } from './until.js';

export const PAGE_TOKEN = 'browser-token';

export class PageStage {
  private browser: Browser | undefined;
  private readonly pages: OpenPage[] = [];

  private constructor(private readonly launch: () => Promise<Browser>) {}

  /** Belongs at the top of a suite, before hooks that end what the pages look at. */
  static prepare(launch = () => openBrowser()): PageStage {
    const stage = new PageStage(launch);
    beforeAll(async () => {
      stage.browser = await stage.launch();
    });
    afterEach(() => stage.clear());
    afterAll(() => stage.browser?.close());
    return stage;
  }

  /** The page of a node, live, and from now on told of every event: it asks for those only after its first answer. */
  async open(of: DemoNode, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const opened = await this.visit(of.address(`/cluster/ui?token=${PAGE_TOKEN}`), options);
    await opened.says('#connection', 'live');
    await until('the page follows the events', () => opened.followsEvents);
    return opened;
  }

  async visit(address: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    if (this.browser === undefined) throw new Error('the browser is not open');
    const opened = await OpenPage.open(this.browser, address, options);
    this.pages.push(opened);
    return opened;
  }

  private async clear(): Promise<void> {
    const pages = this.pages.splice(0);
    const unexpected = pages.flatMap((page) => page.unexpected());
    await Promise.all(pages.map((page) => page.close()));
    if (unexpected.length > 0)
      throw new Error(`a console said what nobody expected:\n${unexpected.join('\n')}`);
  }
}

/** A button of the question that is asked now. */
export function answer({ page }: OpenPage, label: string | RegExp): Locator {
  return page.locator('dialog').getByRole('button', { name: label });
}

/** A call to a node, beside its page. */
export function call(of: DemoNode, method: string, path: string, body?: unknown): Promise<Response> {
  const hasBody = body !== undefined;
  const headers = {
    authorization: `Bearer ${PAGE_TOKEN}`,
    ...(hasBody && { 'content-type': 'application/json' }),
  };
  return of.fetch(`/cluster${path}`, { method, headers, ...(hasBody && { body: JSON.stringify(body) }) });
}

export function keyPath(key: string): string {
  return `/keys/${encodeURIComponent(key)}`;
}

/** One field of the answer to a call. */
export async function fieldOf(response: Response, name: string): Promise<unknown> {
  const body: unknown = await response.json();
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}
