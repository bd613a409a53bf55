/**
 * Reads the module's options, one after the other and group by group (`leadership.leaseMs`). What nobody asked for was
 * misspelt, and is reported with the nearest name that is known.
 */
import type { Environment, OptionProblem } from '../ports/cluster-strategy.js';
import { SettingReader, type Setting } from '../ports/setting-reader.js';

export class OptionReader extends SettingReader {
  private readonly asked = new Set<string>();

  constructor(
    /** Those of a class may be getters. */
    private readonly options: object,
    env: Environment,
  ) {
    super(env);
  }

  /** The setting of this name; a variable is missing for what only code can say. */
  at(option: string, variable?: string): Setting {
    this.asked.add(option);
    const [group = '', name] = option.split('.');
    const holder: unknown = Reflect.get(this.options, group);
    const given: unknown = name === undefined ? holder : isRecord(holder) ? holder[name] : undefined;
    return variable === undefined ? { option, given } : { option, variable, given };
  }

  /** Everything that is wrong, with every given option that was never asked for. To be called last. */
  allProblems(): readonly OptionProblem[] {
    const known = [...this.asked];
    const groups = new Set(known.flatMap((option) => (option.includes('.') ? option.split('.', 1) : [])));
    const strangers: OptionProblem[] = [];
    const misspelt: string[] = [];
    for (const [name, value] of Object.entries<unknown>({ ...this.options })) {
      if (value === undefined || this.asked.has(name)) continue;
      if (!groups.has(name)) misspelt.push(name);
      else if (!isRecord(value)) strangers.push({ option: name, value, rule: 'an object of options' });
      else misspelt.push(...Object.keys(value).map((key) => `${name}.${key}`));
    }
    for (const option of misspelt.filter((name) => !this.asked.has(name))) {
      const { given: value } = this.at(option);
      strangers.push({
        option,
        value,
        rule: `an option that is known; did you mean ${nearest(option, known)}?`,
      });
    }
    return [...this.problems, ...strangers];
  }
}

/** All problems in one message, each with option, value, rule and variable. Values of secrets are not shown. */
export function describeProblems(problems: readonly OptionProblem[]): string {
  const lines = problems.map(({ option, value, rule, variable }) => {
    const shown = /secret|key/i.test(option) && value !== undefined ? '(hidden)' : show(value);
    return `  - ${option}: ${shown}, must be ${rule}${variable === undefined ? '' : ` (${variable})`}`;
  });
  const count = problems.length === 1 ? 'one option' : `${problems.length} options`;
  return `${count} of ClusterModule cannot be used:\n${lines.join('\n')}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'not set';
  if (typeof value === 'number') return String(value);
  const text =
    typeof value === 'function' ? `function ${value.name}` : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nearest(name: string, known: readonly string[]): string {
  return known.reduce((best, candidate) =>
    distance(name, candidate) < distance(name, best) ? candidate : best,
  );
}

/** Edits that turn one name into the other (Levenshtein, row by row). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + Number(from[line - 1] !== to[column - 1]);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
