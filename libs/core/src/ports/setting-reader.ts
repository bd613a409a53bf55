/**
 * Where a setting comes from: the option given in code, then the environment variable, then the default. Problems are
 * collected and not thrown, so that all of them are told at once, each with option, value, rule and variable.
 */
import type { Environment, OptionProblem } from './cluster-strategy.js';
import { isPort } from './contact-point.js';

/** One setting under its two names, with what was given in code. */
export interface Setting {
  readonly option: string;
  /** Absent for what only code can say. */
  readonly variable?: string;
  readonly given: unknown;
}

export class SettingReader {
  private readonly found: OptionProblem[] = [];

  constructor(private readonly env: Environment) {}

  get problems(): readonly OptionProblem[] {
    return this.found;
  }

  /** Undefined when neither code nor environment says anything; an empty variable says nothing. */
  given({ given, variable }: Setting): unknown {
    return given ?? ((variable && this.env[variable]?.trim()) || undefined);
  }

  /** `accept` turns what was given into the setting, or answers undefined when it breaks the rule. */
  read<T>(setting: Setting, rule: string, accept: (value: unknown) => T | undefined, fallback: T): T {
    const value = this.given(setting);
    if (value === undefined) return fallback;
    const accepted = accept(value);
    if (accepted === undefined) this.problem(setting, rule);
    return accepted ?? fallback;
  }

  /** Notes the rule when nothing was given; the setting has no default. */
  require(setting: Setting, rule: string): void {
    if (this.given(setting) === undefined) this.problem(setting, rule);
  }

  /** Notes a rule that this setting breaks. */
  problem(setting: Setting, rule: string): void {
    const { option, variable } = setting;
    this.found.push({ option, value: this.given(setting), rule, ...(variable ? { variable } : {}) });
  }

  /** `fallback` undefined: the number may be left open. */
  integer<T extends number | undefined>(setting: Setting, min: number, max: number, fallback: T): number | T {
    const accept = (value: unknown): number | undefined => {
      const number = integerOf(value);
      return number !== undefined && number >= min && number <= max ? number : undefined;
    };
    return this.read<number | T>(setting, `a whole number from ${min} to ${max}`, accept, fallback);
  }

  /** `fallback` undefined: the port may be left open. */
  port<T extends number | undefined>(setting: Setting, fallback: T): number | T {
    const accept = (value: unknown): number | undefined => {
      const number = integerOf(value);
      return isPort(number) ? number : undefined;
    };
    return this.read<number | T>(setting, 'a port from 1 to 65535', accept, fallback);
  }

  flag(setting: Setting, fallback: boolean): boolean {
    const accept = (value: unknown): boolean | undefined =>
      FLAGS.get(typeof value === 'string' ? value.toLowerCase() : value);
    return this.read(setting, 'true or false', accept, fallback);
  }

  text<T extends string | undefined>(
    setting: Setting,
    rule: string,
    holds: (text: string) => boolean,
    fallback: T,
  ): string | T {
    const accept = (value: unknown): string | undefined =>
      typeof value === 'string' && holds(value) ? value : undefined;
    return this.read<string | T>(setting, rule, accept, fallback);
  }

  /** One of the given words. */
  choice<Choice extends string, T extends Choice>(
    setting: Setting,
    choices: readonly Choice[],
    fallback: T,
  ): Choice {
    const accept = (value: unknown): Choice | undefined => choices.find((choice) => choice === value);
    return this.read<Choice>(setting, `one of ${choices.join(', ')}`, accept, fallback);
  }

  /** Given as an array, or as text with commas between the items. Every item must hold; empty ones are skipped. */
  list(setting: Setting, rule: string, holds: (item: string) => boolean): readonly string[] {
    const accept = (value: unknown): readonly string[] | undefined => {
      const items: readonly unknown[] = Array.isArray(value) ? value : String(value).split(',');
      const texts = items.map((item) => String(item).trim()).filter((item) => item !== '');
      return texts.every(holds) ? texts : undefined;
    };
    return this.read(setting, rule, accept, []);
  }
}

const FLAGS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['1', true],
  ['yes', true],
  [false, false],
  ['false', false],
  ['0', false],
  ['no', false],
]);

function integerOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}
