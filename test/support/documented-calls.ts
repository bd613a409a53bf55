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
  /** The path in the document; by default the path itself. */
  readonly template?: string;
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
  /** What was answered in this run: `GET /cluster 200`. */
  readonly seen = new Set<string>();

  constructor(
    private readonly origin: string,
    private readonly document: OpenAPIObject,
  ) {}

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const answer = await send(this.origin, method, path, options);
    this.check(method, options.template ?? path.split('?')[0] ?? path, answer);
    return answer;
  }

  private check(method: string, template: string, { status, text, body, headers }: Answer): void {
    const operation = Object.entries(this.document.paths[template] ?? {}).find(
      ([name]) => name === method.toLowerCase(),
    );
    const described = (operation?.[1] as { responses?: Record<string, ResponseLike> } | undefined)
      ?.responses?.[status];
    const where = `${method} ${template} ${status}`;
    if (described === undefined) throw new Error(`${where} is not in the document: ${text.slice(0, 300)}`);
    this.seen.add(where);
    const schema = described.content?.['application/json']?.schema;
    if (schema === undefined) return;
    if (!String(headers['content-type']).startsWith('application/json'))
      throw new Error(`${where} is no JSON`);
    const check = this.checks.get(schema) ?? this.ajv.compile(schema);
    this.checks.set(schema, check);
    if (!check(body))
      throw new Error(`${where}: ${this.ajv.errorsText(check.errors)}: ${text.slice(0, 300)}`);
    if (status >= 400 && /node_modules|\.[jt]s:\d/.test(text))
      throw new Error(`${where} shows a stack: ${text}`);
  }
}

interface ResponseLike {
  readonly content?: Record<string, { readonly schema?: object }>;
}

function jsonOf(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body'];
  } catch {
    return {};
  }
}
