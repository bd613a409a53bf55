/**
 * Words to write schemas with.
 */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly description?: string;
  readonly nullable?: boolean;
  readonly enum?: string[];
  readonly default?: string | number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly required?: string[];
  readonly additionalProperties?: boolean;
  readonly oneOf?: Schema[];
}

export const text = (description?: string): Schema => ({
  type: 'string',
  ...(description && { description }),
});
export const whole = (description?: string): Schema => ({
  type: 'integer',
  ...(description && { description }),
});
export const flag = (description?: string): Schema => ({
  type: 'boolean',
  ...(description && { description }),
});
/** A text of some characters, and of no more than so many. */
export const bounded = (maxLength: number, description?: string): Schema => ({
  ...text(description),
  minLength: 1,
  maxLength,
});
export const between = (minimum: number, maximum: number, description?: string): Schema => ({
  ...whole(description),
  minimum,
  maximum,
});
export const choice = (...values: string[]): Schema => ({ type: 'string', enum: values });
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const orNull = (schema: Schema): Schema => ({ ...schema, nullable: true });
export const either = (...schemas: Schema[]): Schema => ({ oneOf: schemas });
export const byDefault = (value: string | number, schema: Schema): Schema => ({ ...schema, default: value });

/** All of these properties and no others. */
export function object(properties: Record<string, Schema>, description?: string): Schema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    ...(description && { description }),
  };
}

/** Any of these properties. */
export function partial(properties: Record<string, Schema>): Schema {
  return { type: 'object', properties, additionalProperties: false };
}

/** Any JSON. */
export const anything = (description: string): Schema => ({ description });
