/**
 * How this pod is called. Its host name does not always say so: pods with `hostNetwork` have the name of their machine, pods
 * with a `hostname` may share it, and long names are cut.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isObjectName } from '../api/names.js';

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** `<basename>@<name of the pod>`; where the pod's name is not known, `<basename>-<some digits>@<host name>`. */
export function nodeNameOf(
  { basename, podName }: { readonly basename: string; readonly podName: string | undefined },
  tokenFile = TOKEN_FILE,
): string {
  const pod = podName ?? podNameIn(tokenFile);
  if (pod !== undefined) return `${basename}@${pod}`;
  return `${basename}-${randomBytes(4).toString('hex')}@${hostname()}`;
}

/** The pod that the service account's token is bound to. */
function podNameIn(tokenFile: string): string | undefined {
  try {
    const [, claims = ''] = readFileSync(tokenFile, 'utf8').split('.');
    const token = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as BoundToken;
    const name = token['kubernetes.io']?.pod?.name;
    return typeof name === 'string' && isObjectName(name) ? name : undefined;
  } catch {
    // No token, or one that is bound to no pod.
    return undefined;
  }
}

interface BoundToken {
  readonly 'kubernetes.io'?: { readonly pod?: { readonly name?: unknown } };
}
