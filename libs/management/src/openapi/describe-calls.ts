/**
 * Tells `@nestjs/swagger` about the calls, when the application has it. Nothing of it is needed otherwise, so that its
 * decorators are applied here and not in the controllers.
 */
import type { Type } from '@nestjs/common';
import * as answers from './answers.js';
import { CALL, type CallDescription } from './call.js';
import { ERRORS, ERRORS_OF_ACCESS, ERRORS_OF_ALL, ERRORS_OF_BODIES } from './calls.js';

type Swagger = typeof import('@nestjs/swagger');

/** Controllers are classes of the process, and described once. */
const described = new WeakSet<Type>();

export async function describeCalls(controllers: readonly Type[]): Promise<void> {
  const swagger = await loadSwagger();
  if (swagger === undefined) return;
  for (const controller of controllers) {
    if (described.has(controller)) continue;
    described.add(controller);
    describe(swagger, controller);
  }
}

async function loadSwagger(): Promise<Swagger | undefined> {
  try {
    return await import('@nestjs/swagger');
  } catch {
    return undefined;
  }
}

function describe(swagger: Swagger, controller: Type): void {
  swagger.ApiTags('cluster')(controller);
  const methods: Record<string, TypedPropertyDescriptor<unknown>> = Object.getOwnPropertyDescriptors(
    controller.prototype,
  );
  for (const [name, descriptor] of Object.entries(methods)) {
    if (typeof descriptor.value !== 'function') continue;
    const call: CallDescription | undefined = Reflect.getMetadata(CALL, descriptor.value);
    const decorators = call === undefined ? [swagger.ApiExcludeEndpoint()] : decoratorsOf(swagger, call);
    for (const decorate of decorators) decorate(controller.prototype, name, descriptor);
  }
}

function decoratorsOf(swagger: Swagger, call: CallDescription): MethodDecorator[] {
  const { summary, path = {}, query = {}, required = [], body, status = 200, answer, isOpen = false } = call;
  const { description, schema, type = 'application/json' } = answer;
  return [
    swagger.ApiOperation({ summary }),
    ...Object.entries(path).map(([name, parameter]) => swagger.ApiParam({ name, schema: parameter })),
    ...Object.entries(query).map(([name, parameter]) =>
      swagger.ApiQuery({ name, required: required.includes(name), schema: parameter }),
    ),
    ...(body === undefined ? [] : [swagger.ApiBody(body)]),
    swagger.ApiResponse({ status, description, content: { [type]: { schema } } }),
    ...errorsOf(call).map((code) =>
      swagger.ApiResponse({
        status: code,
        description: ERRORS[code] ?? '',
        content: {
          'application/json': { schema: answers.problem },
          // A browser without a token gets the page, which asks for one.
          ...(code === 401 && type === 'text/html' && { [type]: { schema } }),
        },
      }),
    ),
    ...(isOpen ? [] : [swagger.ApiBearerAuth()]),
  ];
}

function errorsOf({ errors = [], body, isOpen = false }: CallDescription): readonly number[] {
  const all = [
    ...ERRORS_OF_ALL,
    ...(isOpen ? [] : ERRORS_OF_ACCESS),
    ...(body === undefined ? [] : ERRORS_OF_BODIES),
    ...errors,
  ];
  return [...new Set(all)].toSorted((a, b) => a - b);
}
