/**
 * Somebody who uses the page in one way only: by mouse, or by keyboard alone. What a test does is written once, and both do it.
 */
import type { Locator, Page } from 'playwright-core';

export interface Hand {
  readonly name: string;
  /** A button, a link or a box to tick. */
  press(target: Locator): Promise<void>;
  /** In place of what stands in a field. */
  write(target: Locator, text: string): Promise<void>;
  /** One of the options of a list. */
  pick(target: Locator, option: string): Promise<void>;
}

/** More steps than the longest page of these tests has places. */
const STEPS_MAX = 600;

class Mouse implements Hand {
  readonly name = 'mouse';

  press(target: Locator): Promise<void> {
    return target.click();
  }

  write(target: Locator, text: string): Promise<void> {
    return target.fill(text);
  }

  async pick(target: Locator, option: string): Promise<void> {
    await target.selectOption(option);
  }
}

class Keyboard implements Hand {
  readonly name = 'keyboard';

  async press(target: Locator): Promise<void> {
    await this.reach(target);
    const isBox = await target.evaluate((element) => element.matches('input[type=checkbox]'));
    await target.page().keyboard.press(isBox ? 'Space' : 'Enter');
  }

  async write(target: Locator, text: string): Promise<void> {
    await this.reach(target);
    const { keyboard } = target.page();
    await keyboard.press('Control+A');
    await keyboard.type(text);
  }

  async pick(target: Locator, option: string): Promise<void> {
    await this.reach(target);
    await target.page().keyboard.type(option);
  }

  /** By Tab and nothing else, from wherever the focus is. */
  private async reach(target: Locator): Promise<void> {
    await target.waitFor();
    for (let step = 0; step < STEPS_MAX; step++) {
      if (await hasFocus(target)) return;
      await target.page().keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${String(target)}`);
  }
}

export const HANDS: readonly Hand[] = [new Mouse(), new Keyboard()];

export function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === element.ownerDocument.activeElement);
}

/** What has the focus, in words: its label, its text, or what it is. */
export function focused(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return 'nothing';
    return element.id || element.textContent.trim() || element.tagName;
  })()`);
}
