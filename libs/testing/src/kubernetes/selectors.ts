/**
 * Label and field selectors, as far as lists and watches use them: `a=b`, `a!=b`, `a`, `!a`, `a in (b,c)`, with commas between.
 */
import { Refusal } from './object-store.js';

type Values = Readonly<Record<string, string>>;

export function hasLabels(labels: Values, selector: string | null): boolean {
  return splitOutsideBrackets(selector ?? '').every((term) => hasLabel(labels, term));
}

/** A field that the server does not know is an error there, and here. */
export function hasFields(fields: Values, selector: string | null): boolean {
  return splitOutsideBrackets(selector ?? '').every((term) => {
    const [, name = '', value = ''] = /^([\w.]+)==?([^=]*)$/.exec(term) ?? [];
    if (fields[name] === undefined)
      throw new Refusal(400, 'BadRequest', `field label not supported: ${name || term}`);
    return fields[name] === value;
  });
}

function hasLabel(labels: Values, term: string): boolean {
  const [, setName, not, list] = /^([\w./-]+)\s+(not)?in\s+\(([^)]*)\)$/.exec(term) ?? [];
  if (setName !== undefined && list !== undefined) {
    const has = list.split(',').some((value) => value.trim() === labels[setName]);
    return not ? !has : has;
  }
  const [, absent] = /^!([\w./-]+)$/.exec(term) ?? [];
  if (absent !== undefined) return labels[absent] === undefined;
  const [, name, sign, value] = /^([\w./-]+)\s*(?:(==?|!=)\s*([\w.-]*))?$/.exec(term) ?? [];
  if (name === undefined) throw new Refusal(400, 'BadRequest', `unable to parse requirement: ${term}`);
  if (sign === undefined) return labels[name] !== undefined;
  return (labels[name] === value) === (sign !== '!=');
}

function splitOutsideBrackets(selector: string): readonly string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}
