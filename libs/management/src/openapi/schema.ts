/**
 * Words to write schemas with.
 */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly description?: string;
  readonly nullable?: boolean;
  readonly enum?: string[];
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly required?: string[];
  readonly additionalProperties?: boolean;
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
export const choice = (...values: string[]): Schema => ({ type: 'string', enum: values });
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const orNull = (schema: Schema): Schema => ({ ...schema, nullable: true });

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
