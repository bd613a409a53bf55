/**
 * HTTP calls whose answers are held against the OpenAPI document: a status or a body that it does not describe is an error.
 * Sent by Node's own client, which leaves paths as they are.
 */
import { request, type IncomingHttpHeaders } from 'node:http';
import { Ajv, type ValidateFunction } from 'ajv';
import type { OpenAPIObject } from '@nestjs/swagger';
import { TOKEN } from './management-app.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Buffer;
}

/** What went over the wire, unchecked. */
export function send(
  origin: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { json, raw } = options;
  const payload = json === undefined ? raw : JSON.stringify(json);
  const headers: Record<string, string | number> = {
    authorization: `Bearer ${TOKEN}`,
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...(payload !== undefined && { 'content-length': Buffer.byteLength(payload) }),
    ...options.headers,
  };
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: jsonOf(text) });
      });
    });
    call.once('error', reject);
    call.end(payload);
  });
}

export class DocumentedCalls {
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly checks = new Map<object, ValidateFunction>();

  constructor(
    private readonly origin: string,
    private readonly document: OpenAPIObject,
  ) {}

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const answer = await send(this.origin, method, path, options);
    this.check(method, path, answer);
    return answer;
  }

  /** Throws when the document does not describe this answer. */
  check(method: string, path: string, { status, text, body, headers }: Answer): void {
    const where = `${method} ${path.slice(0, 100)} ${status}`;
    if (status >= 400 && /node_modules|\.[jt]s:\d/.test(text))
      throw new Error(`${where} shows a stack: ${text}`);
    const { content = {} } = this.describe(method, path, status, text);
    const type = String(headers['content-type']).split(';')[0] ?? '';
    const described = content[type];
    if (described === undefined)
      throw new Error(`${where} is ${type}, and not ${Object.keys(content).join()}`);
    if (type !== 'application/json' || described.schema === undefined) return;
    const check = this.checks.get(described.schema) ?? this.ajv.compile(described.schema);
    this.checks.set(described.schema, check);
    if (!check(body))
      throw new Error(`${where}: ${this.ajv.errorsText(check.errors)}: ${text.slice(0, 300)}`);
  }

  private describe(method: string, path: string, status: number, text: string): ResponseLike {
    const { paths } = this.document;
    const bare = path.split('?')[0] ?? path;
    const template =
      Object.keys(paths).find((known) => known === bare) ??
      Object.keys(paths).find((known) => new RegExp(`^${known.replace(/\{\w+\}/g, '[^/]*')}$`).test(bare));
    const operations = Object.entries(paths[template ?? ''] ?? {}) as [string, OperationLike][];
    const operation = operations.find(([name]) => name === method.toLowerCase())?.[1];
    // What is no call at all is refused as every call refuses.
    const [anyCall] = Object.values(paths['/cluster'] ?? {}) as OperationLike[];
    const responses = operation?.responses ?? { 404: anyCall?.responses[401], 401: anyCall?.responses[401] };
    const described = responses[status];
    if (described === undefined)
      throw new Error(`${method} ${bare} ${status} is not in the document: ${text.slice(0, 300)}`);
    return described;
  }
}

interface OperationLike {
  readonly responses: Readonly<Record<number, ResponseLike | undefined>>;
}

interface ResponseLike {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

function jsonOf(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body'];
  } catch {
    return {};
  }
}
