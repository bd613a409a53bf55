/**
 * What went wrong between this node and the API server, in words that say what to do.
 */

export class KubernetesApiError extends Error {
  override readonly name = 'KubernetesApiError';

  constructor(
    message: string,
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    /** How long the server asks to be left alone, in milliseconds. */
    readonly retryAfterMs?: number,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }

  /** The request may have been carried out although no good answer came. */
  get isUnsure(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** Longest wait that a server may ask for, in milliseconds, so that a wrong header cannot silence this node. */
const RETRY_AFTER_MAX_MS = 60_000;
/** Longest text of the server's own that is passed on. */
const TEXT_LENGTH_MAX = 500;

export interface Refusal {
  readonly status: number;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** The error for an answer that is not 2xx. */
export function refusalError({ status, method, path, body, retryAfter }: Refusal): KubernetesApiError {
  const said = serverText(body);
  const parts = [`the Kubernetes API answered ${status} to ${method} ${path}`, said, ADVICE.get(status)];
  const seconds = Number(retryAfter);
  const retryAfterMs =
    retryAfter !== undefined && seconds >= 0 ? Math.min(seconds * 1000, RETRY_AFTER_MAX_MS) : undefined;
  return new KubernetesApiError(parts.filter(Boolean).join(': '), status, retryAfterMs);
}

/** The error for a request that got no answer. */
export function silenceError(method: string, path: string, cause: unknown): KubernetesApiError {
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new KubernetesApiError(`the Kubernetes API did not answer ${method} ${path}: ${why}`, 0, undefined, {
    cause,
  });
}

export function errorOf(thrown: unknown): KubernetesApiError {
  if (thrown instanceof KubernetesApiError) return thrown;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new KubernetesApiError(why, 0, undefined, { cause: thrown });
}

const ADVICE: ReadonlyMap<number, string> = new Map([
  [401, 'the token of the service account is not accepted; it is read again'],
  [
    403,
    "if this lasts, allow it in the Role of the pod's service account, and check that the namespace exists; a server that has just started refuses everything for some seconds",
  ],
  [404, 'check that the namespace exists, and that the API server knows this kind'],
  [429, 'the server is overloaded; this is tried again later'],
]);

/** The message of a `Status` object, or the text as it is. */
function serverText(body: string): string {
  let text = body;
  try {
    const status: unknown = JSON.parse(body);
    if (typeof status === 'object' && status !== null && 'message' in status) text = String(status.message);
  } catch {
    // Proxies answer in HTML.
  }
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > TEXT_LENGTH_MAX ? `${line.slice(0, TEXT_LENGTH_MAX)}…` : line;
}
