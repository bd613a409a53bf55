/**
 * One key: its value as JSON, to read, to write, to delete, and to watch while it changes.
 */
import { CallError, messageOf, type Api } from './api.js';
import { ask } from './dialog.js';
import { field, part, say, show } from './dom.js';
import { clock } from './format.js';
import { attempt, tell } from './toast.js';
import type { ToldEvent } from './types.js';

export class KeyEditor {
  key: string | undefined;
  /** As it was read or written last, to know whether somebody types. */
  private held = '';

  constructor(
    private readonly api: Api,
    private readonly changed: () => void,
  ) {
    part('editor').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.save();
    });
    part('delete-key').addEventListener('click', () => void this.remove());
    part('reload-key').addEventListener('click', () => {
      this.text.focus();
      void this.read();
    });
  }

  create(prefix: string): void {
    this.key = undefined;
    this.show('', prefix, true);
    field('key').focus();
  }

  async open(key: string): Promise<void> {
    this.key = key;
    this.show('', key, false);
    part('editor-key').focus();
    await this.read();
  }

  /** The key that is open changes under the eyes of the reader, unless somebody is typing. */
  told(key: string, event: ToldEvent): void {
    if (key !== this.key) return;
    const when = `${clock(event.at)} by ${String(event['node'])}`;
    if (event.type === 'storeDeleted') {
      this.note(`${event['reason'] === 'expired' ? 'Expired' : 'Deleted'} at ${when}`);
      return;
    }
    if (this.isTyping) {
      this.note(`Changed at ${when}, while you were editing`, true);
      return;
    }
    if ('value' in event) this.hold(event['value']);
    else void this.read();
    this.note(`Changed at ${when}`);
  }

  private async read(): Promise<void> {
    const { key } = this;
    if (key === undefined) return;
    try {
      const { value, exact } = await this.api.entry(key);
      if (key !== this.key) return;
      this.hold(value);
      this.note(exact ? '' : 'This value is not shown exactly: saving it would change it');
    } catch (error) {
      this.note(error instanceof CallError && error.status === 404 ? 'This key is gone' : messageOf(error));
    }
  }

  private async save(): Promise<void> {
    const key = this.key ?? field('key').value;
    const parsed = parse(this.text.value);
    if (key === '') return tell('the key is missing', 'failed');
    if (parsed === undefined) return tell('the value is not JSON; text needs quotes', 'failed');
    const options = { ttl: field('ttl').value, ack: this.ack };
    const isWritten = await attempt(`${key} was written`, () => this.api.write(key, parsed.value, options));
    if (!isWritten) return;
    this.key = key;
    this.show(this.text.value, key, false);
    this.hold(parsed.value);
    this.changed();
  }

  private async remove(): Promise<void> {
    const { key } = this;
    if (key === undefined) return;
    const question = { title: `Delete ${key}?`, text: ['It is deleted on every node.'], confirm: 'Delete' };
    if (!(await ask(question))) return;
    if (await attempt(`${key} was deleted`, () => this.api.remove(key))) this.changed();
  }

  private show(text: string, key: string, isNew: boolean): void {
    show(part('editor'), true);
    show(part('key-field'), isNew);
    show(part('editor-key'), !isNew);
    show(part('delete-key'), !isNew);
    field('key').value = key;
    say(part('editor-key'), key);
    this.text.value = text;
    this.held = text;
    this.note('');
  }

  private hold(value: unknown): void {
    this.held = JSON.stringify(value, null, 2);
    this.text.value = this.held;
  }

  private note(text: string, canReload = false): void {
    say(part('editor-note'), text);
    show(part('reload-key'), canReload);
  }

  private get isTyping(): boolean {
    return this.text.value !== this.held;
  }

  private get text(): HTMLTextAreaElement {
    const text = part('value');
    if (!(text instanceof HTMLTextAreaElement)) throw new Error('the page has no place for the value');
    return text;
  }

  private get ack(): string {
    const select = part('ack');
    return select instanceof HTMLSelectElement ? select.value : 'quorum';
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
