/**
 * The description of one call, put on its handler: the OpenAPI document shows it, and `CallGuard` holds callers to it.
 */
import { SetMetadata } from '@nestjs/common';
import type { Schema } from './schema.js';

export interface CallDescription {
  readonly summary: string;
  /** Parts of the path. */
  readonly path?: Readonly<Record<string, Schema>>;
  readonly query?: Readonly<Record<string, Schema>>;
  /** Parameters of the query without which the call is refused. */
  readonly required?: readonly string[];
  readonly body?: { readonly schema: Schema; readonly required: boolean };
  readonly status?: number;
  readonly answer: { readonly description: string; readonly schema: Schema; readonly type?: string };
  /** Beside those that every call may answer. */
  readonly errors?: readonly number[];
  readonly isOpen?: boolean;
}

export const CALL = Symbol('CALL');
export const Call = (description: CallDescription) => SetMetadata(CALL, description);
