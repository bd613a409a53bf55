/**
 * Tells `@nestjs/swagger` about the calls, when the application has it. Nothing of it is needed otherwise, so that its
 * decorators are applied here and not in the controllers.
 */
import type { Type } from '@nestjs/common';
import * as answers from './answers.js';
import { CALLS, ERRORS, type CallDescription } from './calls.js';

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
  const calls = CALLS[controller.name];
  if (calls === undefined) return void swagger.ApiExcludeController()(controller);
  swagger.ApiTags('cluster')(controller);
  for (const [method, call] of Object.entries(calls)) {
    const descriptor = Object.getOwnPropertyDescriptor(controller.prototype, method);
    if (descriptor === undefined) continue;
    const decorators = call === undefined ? [swagger.ApiExcludeEndpoint()] : decoratorsOf(swagger, call);
    for (const decorate of decorators) decorate(controller.prototype, method, descriptor);
  }
}

function decoratorsOf(swagger: Swagger, call: CallDescription): MethodDecorator[] {
  const { summary, path = {}, query = {}, body, status = 200, answer, errors = [], isOpen = false } = call;
  const { description, schema, type = 'application/json' } = answer;
  const allErrors = isOpen ? errors : [...errors, 401, 403];
  return [
    swagger.ApiOperation({ summary }),
    ...Object.entries(path).map(([name, what]) =>
      swagger.ApiParam({ name, description: what, schema: { type: 'string' } }),
    ),
    ...Object.entries(query).map(([name, parameter]) =>
      swagger.ApiQuery({ name, required: false, schema: parameter }),
    ),
    ...(body === undefined ? [] : [swagger.ApiBody(body)]),
    swagger.ApiResponse({ status, description, content: { [type]: { schema } } }),
    ...allErrors
      .toSorted((a, b) => a - b)
      .map((code) =>
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
