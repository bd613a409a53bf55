/**
 * Debian's Chromium, driven by playwright-core, and the page of a demo node in it. Errors in its console are collected.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
/** Not in git. */
const SCREENSHOTS = join(__dirname, '../../screenshots');
const AXE = require.resolve('axe-core/axe.min.js');

/** As root it needs no sandbox; nothing of it may talk to anybody else. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @param executablePath another program that starts it, such as one that does so on another host */
export function openBrowser(executablePath = EXECUTABLE): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}

export class OpenPage {
  /** What went wrong in the page, as its console says. */
  private readonly errors: string[] = [];
  private readonly expected: RegExp[] = [];
  private isFollowing = false;

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('response', (response) => {
      if (response.ok() && response.url().endsWith('/cluster/events')) this.isFollowing = true;
    });
  }

  static async open(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<OpenPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const opened = new OpenPage(await context.newPage());
    opened.page.setDefaultTimeout(30_000);
    await opened.page.goto(address);
    return opened;
  }

  /** Whether a node has begun to tell it events. */
  get followsEvents(): boolean {
    return this.isFollowing;
  }

  /** Errors of this kind belong to what is tested. */
  expects(kind: RegExp): void {
    this.expected.push(kind);
  }

  /** What its console said, and nobody expected. */
  unexpected(): readonly string[] {
    return this.errors.filter((error) => !this.expected.some((kind) => kind.test(error)));
  }

  /** Resolves once the part says so. */
  async says(part: string, text: string | RegExp): Promise<void> {
    const isRight =
      typeof text === 'string'
        ? this.page.locator(part, { hasText: text })
        : this.page.locator(part).getByText(text);
    await isRight.first().waitFor();
  }

  /** Violations that axe finds, as one line each. */
  async accessibility(): Promise<readonly string[]> {
    // The page's policy forbids scripts that are added to it; those of the debugger are not.
    await this.page.evaluate(await readAxe());
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: {
          run(): Promise<{
            violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
          }>;
        };
      };
      const { violations } = await axe.run();
      return violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
      );
    });
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }

  async close(): Promise<void> {
    await this.page.unrouteAll({ behavior: 'ignoreErrors' });
    await this.page.context().close();
  }
}

async function readAxe(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(AXE, 'utf8');
}
