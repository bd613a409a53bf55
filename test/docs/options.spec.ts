/**
 * `docs/options.md` names every option beside its variable, with the default that the code has.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULTS, resolveOptions, type ClusterError } from '@nest-cluster/core';

const rows = readFileSync(join(__dirname, '../../docs/options.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

const byOption = new Map(
  rows.map(([, option = '', variable = '', fallback = '']) => [option, { variable, fallback }]),
);

/** What the module says of an environment in which every variable holds nonsense: each option, and its variable. */
function everyOption(): { option: string; variable: string }[] {
  const sane: Readonly<Record<string, string | undefined>> = {
    CLUSTER_STRATEGY: 'static',
    CLUSTER_SECRET_FILE: undefined,
  };
  const env = new Proxy<Record<string, string>>(
    {},
    {
      get: (_, name) =>
        typeof name === 'string' && (name in sane || name.startsWith('CLUSTER_TLS')) ? sane[name] : ' ?!',
    },
  );
  try {
    resolveOptions({}, env);
  } catch (error) {
    const { message } = error as ClusterError;
    return [...message.matchAll(/^ {2}- (\S+): .*\((CLUSTER_[A-Z_]+)\)$/gm)]
      .map(([, option = '', variable = '']) => ({ option, variable }))
      .filter(({ option }) => !option.startsWith('static.'));
  }
  return [];
}

it('names every option that the module reads from a variable', () => {
  const options = everyOption();
  expect(options.length).toBeGreaterThan(30);
  for (const { option, variable } of options) {
    expect({ option, variable: byOption.get(`\`${option}\``)?.variable }).toEqual({
      option,
      variable: `\`${variable}\``,
    });
  }
});

it('gives the defaults that the code has', () => {
  const groups = { leadership: DEFAULTS.leadership, membership: DEFAULTS.membership, store: DEFAULTS.store };
  for (const [group, defaults] of Object.entries(groups)) {
    for (const [name, value] of Object.entries(defaults)) {
      expect({ name, fallback: byOption.get(`\`${group}.${name}\``)?.fallback }).toEqual({
        name,
        fallback: String(value),
      });
    }
  }
  const {
    discoveryIntervalMs,
    discoveryTimeoutMs,
    shutdownTimeoutMs,
    recovery,
    minority,
    thread,
    cluster,
    strategy,
  } = DEFAULTS;
  const flat = {
    discoveryIntervalMs,
    discoveryTimeoutMs,
    shutdownTimeoutMs,
    recovery,
    minority,
    thread,
    cluster: `the application's package name, else \`${cluster}\``,
    strategy,
  };
  for (const [name, value] of Object.entries(flat)) {
    expect({ name, fallback: byOption.get(`\`${name}\``)?.fallback }).toEqual({
      name,
      fallback: String(value),
    });
  }
});
