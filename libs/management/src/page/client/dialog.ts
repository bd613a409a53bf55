/**
 * Questions that stop everything else: a confirmation that says what will happen, and the token.
 */
import { button, element, part } from './dom.js';

export interface Question {
  readonly title: string;
  /** What will happen, one paragraph each. */
  readonly text: readonly string[];
  /** Shown as a list, such as keys that will be lost. */
  readonly list?: readonly string[];
  readonly confirm: string;
  /** Nothing is lost by it. */
  readonly isHarmless?: boolean;
}

/** Resolves with whether it was confirmed. Escape and Cancel say no, and Cancel has the focus. */
export function ask({ title, text, list = [], confirm, isHarmless = false }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = element('dialog', { 'aria-labelledby': 'question-title', class: 'question' });
    let answer = false;
    const cancel = button('Cancel', () => dialog.close(), { autofocus: true });
    const agree = () => {
      answer = true;
      dialog.close();
    };
    const go = button(confirm, agree, { class: isHarmless ? 'primary' : 'danger' });
    dialog.append(
      element('h2', { id: 'question-title' }, title),
      ...text.map((paragraph) => element('p', {}, paragraph)),
      ...(list.length === 0
        ? []
        : [element('ul', { class: 'keys', tabindex: 0, 'aria-label': 'Keys' }, ...items(list))]),
      element('div', { class: 'actions' }, cancel, go),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      // Whoever asked may have gone meanwhile; else the focus is there again.
      if (document.activeElement === document.body) part('main').focus({ preventScroll: true });
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Resolves with what was entered; asks once at a time. */
export function askToken(why: string): Promise<string> {
  return new Promise((resolve) => {
    const input = element('input', {
      type: 'password',
      id: 'token',
      autocomplete: 'off',
      required: true,
      spellcheck: 'false',
    });
    const form = element(
      'form',
      { method: 'dialog' },
      element('h2', { id: 'token-title' }, 'Token'),
      element('p', {}, why),
      element('label', { for: 'token' }, 'Management token'),
      input,
      element('div', { class: 'actions' }, element('button', { type: 'submit', class: 'primary' }, 'Open')),
    );
    const dialog = element('dialog', { 'aria-labelledby': 'token-title', class: 'question' }, form);
    // There is nothing behind it to go back to, and a browser asks only once whether Escape may close it.
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    dialog.addEventListener('close', () => dialog.isConnected && dialog.showModal());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const token = input.value.trim();
      if (token === '') return;
      dialog.close();
      dialog.remove();
      resolve(token);
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}

function items(names: readonly string[]): HTMLLIElement[] {
  const shown = names.slice(0, 100).map((name) => element('li', {}, name));
  if (names.length > shown.length) shown.push(element('li', {}, `and ${names.length - shown.length} more`));
  return shown;
}
