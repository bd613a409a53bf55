/**
 * Interceptors, pipes, filters and guards that the application has for all of its routes: only guards have a say here.
 */
import {
  Catch,
  HttpException,
  Injectable,
  Logger,
  Module,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { DocumentedCalls } from '../../support/documented-calls.js';
import { ADAPTERS, startNodes, type ManagedNode } from '../../support/management-app.js';

@Injectable()
class Wrapping implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    return next.handle().pipe(map((data) => ({ success: true, data })));
  }
}

/** Cannot do without a value. */
@Injectable()
class Counting implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler<{ length: number }>): Observable<unknown> {
    return next.handle().pipe(map((data) => data.length));
  }
}

@Injectable()
class Shouting implements PipeTransform {
  transform(value: unknown): unknown {
    return typeof value === 'string' ? value.toUpperCase() : 'not this';
  }
}

@Catch()
class Apologizing implements ExceptionFilter {
  catch(_: unknown, host: ArgumentsHost): void {
    const response = host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: unknown): void } }>();
    response.status(500).send({ sorry: true });
  }
}

@Injectable()
class Blocking implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    if (headers['x-blocked'] !== undefined) throw new HttpException({ reason: 'blocked' }, 403);
    return true;
  }
}

@Module({
  providers: [
    { provide: APP_INTERCEPTOR, useClass: Counting },
    { provide: APP_INTERCEPTOR, useClass: Wrapping },
    { provide: APP_PIPE, useClass: Shouting },
    { provide: APP_FILTER, useClass: Apologizing },
    { provide: APP_GUARD, useClass: Blocking },
  ],
})
class Globals {}

describe.each(ADAPTERS)('beside what an application has for all routes, on %s', (adapter) => {
  let node: ManagedNode;
  let calls: DocumentedCalls;

  beforeAll(async () => {
    [node] = (await startNodes(1, adapter, { imports: [{ module: Globals }] })) as readonly [ManagedNode];
    calls = new DocumentedCalls(node.origin, node.document);
  });
  afterAll(() => node.close());
  afterEach(() => jest.restoreAllMocks());

  it('answers keep the documented shape, and nothing is logged of interceptors that miss a value', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    expect((await calls.call('GET', '/cluster')).body).toMatchObject({ self: 'n1@test', state: 'green' });
    expect((await calls.call('GET', '/cluster/nodes/n1@test')).body).toMatchObject({ name: 'n1@test' });
    expect((await calls.call('GET', '/cluster/leader')).body).toMatchObject({ node: 'n1@test' });
    expect((await calls.call('GET', '/cluster/leader/readiness')).body).toMatchObject({ leader: true });
    const written = { key: 'a', value: { b: 'c' }, exact: true };
    expect((await calls.call('PUT', '/cluster/keys/a', { json: { b: 'c' } })).body).toEqual(written);
    expect((await calls.call('GET', '/cluster/keys/a')).body).toEqual(written);
    expect((await calls.call('GET', '/cluster/keys?prefix=a')).body).toMatchObject({ keys: ['a'] });
    expect((await calls.call('DELETE', '/cluster/keys?all=true')).body).toEqual({ deleted: 1 });
    expect((await calls.call('GET', '/cluster/partitions')).body).toEqual([]);
    expect((await calls.call('POST', '/cluster/nodes/n1@test/join')).status).toBe(202);
    expect((await calls.call('GET', '/cluster/ui')).text).toContain('<!doctype html>');
    expect(error).not.toHaveBeenCalled();
  });

  it('errors keep the documented shape', async () => {
    const code = async (method: string, path: string, options = {}) =>
      (await calls.call(method, path, options)).body['code'];
    await expect(code('GET', '/cluster/keys/none')).resolves.toBe('NOT_FOUND');
    await expect(code('GET', '/cluster/nope')).resolves.toBe('NOT_FOUND');
    await expect(code('PUT', '/cluster', { json: 1 })).resolves.toBe('BAD_REQUEST');
    await expect(code('GET', '/cluster', { headers: { authorization: '' } })).resolves.toBe('UNAUTHORIZED');
  });

  it('guards apply, before the token and the body', async () => {
    const headers = { 'x-blocked': '1', authorization: '' };
    expect((await calls.call('GET', '/cluster', { headers })).body).toMatchObject({ code: 'FORBIDDEN' });
    expect((await calls.call('PUT', '/cluster/keys/a', { json: 1, headers })).status).toBe(403);
    expect(node.store.has('a')).toBe(false);
  });
});
