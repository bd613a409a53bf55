/**
 * How links are to be protected: by secrets (W1, W3), by certificates, or not at all (W2). Secrets and certificates come
 * from options, variables, or files that variables name.
 */
import { readFileSync } from 'node:fs';
import type { LinkSecurity } from '../engine/index.js';
import type { Environment } from '../ports/cluster-strategy.js';
import type { Setting } from '../ports/setting-reader.js';
import type { OptionReader } from './option-reader.js';

const SECRETS_MAX = 8;

export function readSecurity(reader: OptionReader, env: Environment): LinkSecurity {
  const secrets = readSecrets(reader, env);
  const [ca, cert, key] = (['ca', 'cert', 'key'] as const).map((name) => readPem(reader, env, name));
  const certificates = { ...reader.at('certificates'), given: undefined };
  if (ca !== undefined && cert !== undefined && key !== undefined) {
    if (secrets.length > 0)
      reader.problem(certificates, 'left out where there is a secret: one protects the links, not both');
    return { kind: 'certificates', ca, cert, key };
  }
  if (ca !== undefined || cert !== undefined || key !== undefined) {
    reader.problem(
      certificates,
      'ca, cert and key together (CLUSTER_TLS_CA_FILE, CLUSTER_TLS_CERT_FILE, CLUSTER_TLS_KEY_FILE)',
    );
  }
  return secrets.length > 0 ? { kind: 'psk', secrets } : { kind: 'plain' };
}

function readSecrets(reader: OptionReader, env: Environment): readonly string[] {
  const setting = reader.at('secret', 'CLUSTER_SECRET');
  const isGiven = reader.given(setting) !== undefined;
  const fromFile = isGiven
    ? undefined
    : readFile(reader, { ...setting, variable: 'CLUSTER_SECRET_FILE' }, env);
  const accept = (value: unknown): readonly string[] | undefined => {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!items.every((item) => typeof item === 'string')) return undefined;
    // In a list each item is one secret, and would be two by its comma.
    if (Array.isArray(value) && items.some((item) => /[,\n]/u.test(item))) return undefined;
    const secrets = items.flatMap((item) => item.split(/[,\n]/)).map((secret) => secret.trim());
    const present = secrets.filter((secret) => secret !== '');
    return present.length > 0 && present.length <= SECRETS_MAX ? present : undefined;
  };
  // A variable of blanks is a mistake, and not the wish for no secret.
  if (
    env['CLUSTER_SECRET'] !== undefined &&
    env['CLUSTER_SECRET'] !== '' &&
    env['CLUSTER_SECRET'].trim() === ''
  )
    reader.problem({ ...setting, given: undefined }, 'a text that is not blank');
  const source =
    fromFile === undefined ? setting : { option: 'secret', variable: 'CLUSTER_SECRET_FILE', given: fromFile };
  return reader.read(
    source,
    `one to ${SECRETS_MAX} texts that are not empty; commas and line breaks part them, and a list has none in its items`,
    accept,
    [],
  );
}

function readPem(reader: OptionReader, env: Environment, name: 'ca' | 'cert' | 'key'): string | undefined {
  const setting = reader.at(`certificates.${name}`);
  const variable = `CLUSTER_TLS_${name.toUpperCase()}_FILE`;
  const given = setting.given ?? readFile(reader, { ...setting, variable }, env);
  const holds = (text: string) => text.includes('-----BEGIN ');
  const isBroken = typeof given === 'string' && !given.includes('-----BEGIN ');
  // What a file holds may be a secret, and is not shown.
  return reader.text(
    { option: setting.option, given: isBroken ? '(a text that is no PEM)' : given },
    `PEM text, or a file of it named by ${variable}`,
    holds,
    undefined,
  );
}

function readFile(
  reader: OptionReader,
  { option, variable = '' }: Setting,
  env: Environment,
): string | undefined {
  const path = env[variable]?.trim();
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    reader.problem({ option, variable, given: path }, `in a file that can be read: ${why}`);
    return undefined;
  }
}
