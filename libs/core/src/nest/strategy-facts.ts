/**
 * What a strategy says of the deployment, asked once at start and made safe (D3). A name or a host that cannot be is as good as
 * none. Not so voters: a node that took others in their place could elect a second leader (L1, L5). So one whose strategy
 * fails to name them takes part in everything but elections.
 */
import type { ClusterStrategy } from '../ports/cluster-strategy.js';
import { isHost } from '../ports/contact-point.js';
import { isName } from './node-address.js';
import { messageOf } from './within.js';

export interface StrategyFacts {
  readonly name?: string;
  readonly host?: string;
  readonly voters?: readonly string[];
  readonly carriesPort: boolean;
  /** What was wrong with what it said. */
  readonly complaints: readonly string[];
}

/** No list of voters is longer, and no voter's name or address. */
const VOTERS_MAX = 4_096;
const VOTER_LENGTH_MAX = 300;
/** No node is called like that, so that these never make a quorum. */
const NOBODY: readonly string[] = [''];

export function readFacts(strategy: ClusterStrategy): StrategyFacts {
  const complaints: string[] = [];
  const orElse = <Told>(read: () => Told, fallback: Told, consequence: string): Told => {
    try {
      return read();
    } catch (error) {
      complaints.push(`${consequence}: ${messageOf(error)}`);
      return fallback;
    }
  };
  const voters = orElse(() => votersOf(strategy), NOBODY, 'this node has no vote, and never leads');
  return {
    ...orElse(() => identityOf(strategy), {}, 'this node is called and reached as if nothing was said'),
    ...(voters === undefined ? {} : { voters }),
    carriesPort: strategy.carriesPort === true,
    complaints,
  };
}

function identityOf(strategy: ClusterStrategy): Pick<StrategyFacts, 'name' | 'host'> {
  const { name, host }: { readonly name?: unknown; readonly host?: unknown } = strategy.identity?.() ?? {};
  if (name !== undefined && !isName(name)) throw new Error('identity() has a name that no node can have');
  if (host !== undefined && !isHost(host)) throw new Error('identity() has a host that is none');
  return { ...(name === undefined ? {} : { name }), ...(host === undefined ? {} : { host }) };
}

/** Undefined where the deployment does not fix them. */
function votersOf(strategy: ClusterStrategy): readonly string[] | undefined {
  const told: unknown = strategy.voters?.();
  if (told === undefined) return undefined;
  if (!isListOfVoters(told))
    throw new Error(`voters() gave no list of at most ${VOTERS_MAX} names or addresses`);
  return [...new Set(told)];
}

function isListOfVoters(told: unknown): told is readonly string[] {
  if (!Array.isArray(told) || told.length > VOTERS_MAX) return false;
  const voters: readonly unknown[] = told;
  return voters.every(
    (voter) => typeof voter === 'string' && voter !== '' && voter.length <= VOTER_LENGTH_MAX,
  );
}
