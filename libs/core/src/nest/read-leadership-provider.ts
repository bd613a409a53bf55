/**
 * Who decides who leads: the nodes themselves by their votes, or an engine. One given in code goes before one named by the
 * environment, whose package is loaded only then.
 */
import type { LeadershipProvider } from '../ports/leadership-provider.js';
import type { OptionReader } from './option-reader.js';
import { hasMethod, KUBERNETES, madeBy } from './optional-package.js';

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
