/**
 * Who decides who leads: the nodes themselves by their votes, or an engine. One given in code goes before one named by the
 * environment, whose package is loaded only then.
 */
import type { LeadershipOption, LeadershipProvider } from '../ports/leadership-provider.js';
import type { OptionReader } from './option-reader.js';
import { hasMethod, KUBERNETES, madeBy } from './optional-package.js';

const VARIABLES: Readonly<Record<LeadershipOption, string>> = {
  priority: 'CLUSTER_PRIORITY',
  candidate: 'CLUSTER_CANDIDATE',
  leaseMs: 'CLUSTER_LEASE_MS',
  renewMs: 'CLUSTER_RENEW_MS',
  stallMs: 'CLUSTER_STALL_MS',
  stableViewMs: 'CLUSTER_STABLE_VIEW_MS',
};

/** The options of leadership that code or environment give, with their variables. */
export function givenOfLeadership(reader: OptionReader): ReadonlyMap<LeadershipOption, string> {
  const given = new Map<LeadershipOption, string>();
  for (const [name, variable] of Object.entries(VARIABLES) as [LeadershipOption, string][]) {
    const option = name === 'priority' ? name : `leadership.${name}`;
    if (reader.given(reader.at(option, variable)) !== undefined) given.set(name, variable);
  }
  return given;
}

/** What to tell at start of options that were given, and that this provider cannot use; `candidate` holds with each of them. */
export function unusedOptions(
  { name, honours = [] }: LeadershipProvider,
  given: ReadonlyMap<LeadershipOption, string>,
): string[] {
  return [...given]
    .filter(([option]) => option !== 'candidate' && !honours.includes(option))
    .map(([option, variable]) => {
      const path = option === 'priority' ? option : `leadership.${option}`;
      return `${path} (${variable}) has no effect: leadership by ${name} does not use it`;
    });
}

/** Undefined: the nodes' own votes. */
export function readLeadershipProvider(reader: OptionReader): LeadershipProvider | undefined {
  const setting = reader.at('leadership.provider', 'CLUSTER_LEADERSHIP');
  if (isObject(setting.given)) return setting.given;
  const name = reader.choice<'quorum' | 'kubernetes', 'quorum'>(setting, ['quorum', 'kubernetes'], 'quorum');
  if (name === 'quorum') return undefined;
  const provider = madeBy(KUBERNETES, 'kubernetesLease', isProvider);
  if (provider === undefined) {
    reader.problem(setting, `installed: npm install ${KUBERNETES} @kubernetes/client-node`);
  }
  return provider;
}

/** The compiler looks after what is given in code. */
function isObject(value: unknown): value is LeadershipProvider {
  return typeof value === 'object' && value !== null;
}

function isProvider(value: unknown): value is LeadershipProvider {
  return hasMethod(value, 'leadsUntil') && hasMethod(value, 'workEnded');
}
