/**
 * The keys of the store: by prefix, a page at a time, kept up to date while somebody looks.
 */
import { messageOf, type Api } from './api.js';
import { ask } from './dialog.js';
import { arrange, button, element, field, part, say, show } from './dom.js';
import { counted } from './format.js';
import { KeyEditor } from './key-editor.js';
import { attempt, tell } from './toast.js';
import type { ToldEvent } from './types.js';

/** The list is read anew at most this often, however many keys change, in milliseconds. */
const REFRESH_MS = 1_500;
/** While more than one page is shown, changes do not reorder it under the reader. */
const PAGE = 100;

export class StoreBrowser {
  private readonly editor: KeyEditor;
  private keys: readonly string[] = [];
  private cursor: string | null = null;
  private total = 0;
  private refreshing: number | undefined;
  private round = 0;
  private isReady = false;

  constructor(private readonly api: Api) {
    this.editor = new KeyEditor(api, () => void this.load());
    part('prefix-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.load();
    });
    field('prefix').addEventListener('input', () => this.refreshSoon(250));
    part('more').addEventListener('click', () => void this.more());
    part('new-key').addEventListener('click', () => this.editor.create(field('prefix').value));
    part('purge').addEventListener('click', () => void this.purge());
  }

  /** Whether the node that served this page has the store. */
  setReady(isReady: boolean): void {
    if (isReady === this.isReady) return;
    this.isReady = isReady;
    if (isReady) void this.load();
    else say(part('key-count'), 'This node does not have the store');
  }

  async load(): Promise<void> {
    clearTimeout(this.refreshing);
    this.refreshing = undefined;
    if (!this.isReady) return;
    const round = ++this.round;
    try {
      const { keys, cursor, total } = await this.api.keys(field('prefix').value, null);
      // A later question has been asked meanwhile.
      if (round !== this.round) return;
      this.keys = keys;
      this.cursor = cursor;
      this.total = total;
      this.draw();
    } catch (error) {
      say(part('key-count'), messageOf(error));
    }
  }

  told(event: ToldEvent): void {
    const { key } = event;
    if (typeof key !== 'string') return;
    this.editor.told(key, event);
    if (key.startsWith(field('prefix').value) && this.keys.length <= PAGE) this.refreshSoon(REFRESH_MS);
  }

  private refreshSoon(ms: number): void {
    this.refreshing ??= setTimeout(() => void this.load(), ms);
  }

  private async more(): Promise<void> {
    try {
      const { keys, cursor, total } = await this.api.keys(field('prefix').value, this.cursor);
      this.keys = [...this.keys, ...keys];
      this.cursor = cursor;
      this.total = total;
      this.draw();
    } catch (error) {
      tell(messageOf(error), 'failed');
    }
  }

  private draw(): void {
    arrange(
      part('keys'),
      this.keys,
      (key) => key,
      (key) =>
        element(
          'li',
          {},
          button(key, () => this.open(key), { class: 'plain key' }),
        ),
      (item, key) =>
        item.querySelector('button')?.setAttribute('aria-pressed', String(key === this.editor.key)),
    );
    const shown = this.keys.length < this.total ? `, ${this.keys.length} shown` : '';
    say(part('key-count'), this.total === 0 ? 'No keys' : `${counted(this.total, 'key')}${shown}`);
    show(part('more'), this.cursor !== null);
  }

  private async open(key: string): Promise<void> {
    await this.editor.open(key);
    this.draw();
  }

  private async purge(): Promise<void> {
    const text = ['Every key is deleted, on every node. This cannot be undone.'];
    if (!(await ask({ title: 'Delete every key?', text, confirm: 'Delete every key' }))) return;
    await attempt('every key was deleted', () => this.api.purge());
    void this.load();
  }
}
