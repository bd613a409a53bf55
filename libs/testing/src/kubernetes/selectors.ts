/**
 * Label and field selectors, as far as lists and watches use them: `a=b`, `a!=b`, `a`, `!a`, `a in (b,c)`, with commas between.
 */
import type { StoredObject } from './object-store.js';
import { Refusal } from './refusal.js';

type Values = Readonly<Record<string, string>>;

/** Whether a request with these selectors is about the object. */
export function isSelected(object: StoredObject, query: URLSearchParams): boolean {
  const { name, namespace, labels = {} } = object.metadata;
  const fields = { 'metadata.name': name, 'metadata.namespace': namespace };
  return hasFields(fields, query.get('fieldSelector')) && hasLabels(labels, query.get('labelSelector'));
}

function hasLabels(labels: Values, selector: string | null): boolean {
  return splitOutsideBrackets(selector ?? '').every((term) => hasLabel(labels, term));
}

/** A field that the server does not know is an error there, and here. */
function hasFields(fields: Values, selector: string | null): boolean {
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
