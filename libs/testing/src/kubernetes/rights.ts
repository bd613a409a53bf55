/**
 * Who may do what: the rules of a Role, and which of them were needed. Without rules, everything is allowed.
 */
import { Refusal } from './refusal.js';

/** As in a Role. The group is not compared: each resource here is in one group. */
export interface PolicyRule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface Right {
  readonly verb: string;
  readonly resource: string;
  /** Absent where a request is about no object in particular: a POST, and most lists. */
  readonly name?: string | undefined;
  readonly namespace: string;
}

export class Rights {
  rules: readonly PolicyRule[] | undefined;
  /** `verb resource` of each that was asked for and allowed. */
  readonly used = new Set<string>();
  /** `verb resource name` of each that was asked for and refused. */
  readonly refused = new Set<string>();

  check(right: Right): void {
    const { verb, resource, name = '', namespace } = right;
    if (this.rules === undefined || this.rules.some((rule) => allows(rule, right))) {
      this.used.add(`${verb} ${resource}`);
      return;
    }
    this.refused.add(`${verb} ${resource} ${name}`);
    const who = `User "system:serviceaccount:${namespace}:pod"`;
    throw new Refusal(
      403,
      'Forbidden',
      `${resource} "${name}" is forbidden: ${who} cannot ${verb} resource "${resource}" in the namespace "${namespace}"`,
    );
  }
}

function allows({ resources, verbs, resourceNames }: PolicyRule, { verb, resource, name }: Right): boolean {
  if (!resources.includes(resource) || !verbs.includes(verb)) return false;
  return resourceNames === undefined || (name !== undefined && resourceNames.includes(name));
}
