/**
 * The first glance: is it well, who is there, who leads, and what is wrong.
 */
import { diagnose, type Finding } from './diagnosis.js';
import { arrange, element, part, say, show } from './dom.js';
import { clock, counted, duration } from './format.js';
import type { ClusterAnswer, ClusterState } from './types.js';

const STATE_WORDS: Readonly<Record<ClusterState, string>> = {
  green: 'All is well',
  yellow: 'Working, but not complete',
  red: 'No quorum',
};
const STATE_SIGNS: Readonly<Record<ClusterState, string>> = { green: '✓', yellow: '!', red: '✕' };
const WEIGHT_WORDS: Readonly<Record<Finding['weight'], string>> = {
  alarm: 'Alarm',
  warning: 'Warning',
  note: 'Note',
};

export function drawOverview(cluster: ClusterAnswer, now: number): void {
  const { state, size, leader, store, since } = cluster;
  document.title = `${STATE_SIGNS[state]} ${cluster.cluster} – ${state}`;
  say(part('cluster-name'), cluster.cluster);
  say(part('self-name'), cluster.self);
  part('overview').setAttribute('data-state', state);
  say(part('state-sign'), STATE_SIGNS[state]);
  say(part('state'), state);
  say(part('state-since'), `since ${clock(since.state)}, for ${duration(now - since.state)}`);
  say(part('size'), `${size.current} of ${size.expected}`);
  say(
    part('size-words'),
    size.current < size.expected ? `${size.expected - size.current} missing` : `quorum is ${cluster.quorum}`,
  );
  say(part('leader'), leader?.node ?? 'nobody');
  say(
    part('leader-words'),
    leader === null
      ? `since ${clock(since.leader)}`
      : `token ${leader.token}, ${leader.guarantee}, for ${duration(now - since.leader)}`,
  );
  say(part('store-size'), store.ready ? counted(store.size, 'key') : 'not ready');
  say(
    part('store-words'),
    `${store.replicas.inSync} of ${store.replicas.all} replicas in sync, ${counted(store.conflicts, 'conflict')}`,
  );
  show(part('step-down'), leader !== null);
  for (const mode of ['automatic', 'manual'])
    part(`recovery-${mode}`).setAttribute('aria-pressed', String(cluster.recovery === mode));
  const findings = diagnose(cluster, now);
  const isQuiet = findings.every(({ weight }) => weight === 'note');
  say(part('state-words'), state === 'green' && !isQuiet ? 'Complete, yet look at this' : STATE_WORDS[state]);
  drawFindings(findings);
}

function drawFindings(findings: readonly Finding[]): void {
  arrange(
    part('findings'),
    findings,
    ({ weight, text }) => `${weight} ${text}`,
    ({ weight, text, target }) =>
      element(
        'li',
        { class: weight },
        element('strong', {}, `${WEIGHT_WORDS[weight]}: `),
        text,
        ...(target === undefined ? [] : [' ', element('a', { href: `#${target}` }, 'Show')]),
      ),
    () => undefined,
  );
}

/** How this page hears from its node. */
export function drawConnection(text: string, isLive: boolean): void {
  const connection = part('connection');
  connection.setAttribute('data-live', String(isLive));
  say(connection, text);
  document.body.classList.toggle('stale', !isLive);
}
