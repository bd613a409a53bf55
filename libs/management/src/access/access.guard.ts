/**
 * Who may call: whoever has the token, and whom the application's own guards let through. Also puts on every answer the
 * headers that keep it out of caches and from being taken for something else.
 */
import {
  Inject,
  Injectable,
  type CanActivate,
  type ExecutionContext,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef, Reflector } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { messageOf, type HttpRequest, type HttpResponse } from '../http/http.js';
import { parameter } from '../http/input.js';
import { Problem } from '../http/problem.js';
import {
  MANAGEMENT_ROUTES,
  RESOLVED_MANAGEMENT,
  type ManagementRoutes,
  type ResolvedManagement,
} from '../management-options.js';
import { FailedLogins } from './failed-logins.js';
import { OPEN_TO, type OpenTo } from './open-to.decorator.js';
import { bearerOf } from './token.js';

@Injectable()
export class AccessGuard implements CanActivate, OnModuleInit {
  private guards: readonly CanActivate[] = [];

  constructor(
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
    @Inject(MANAGEMENT_ROUTES) private readonly routes: ManagementRoutes,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(FailedLogins) private readonly failedLogins: FailedLogins,
  ) {}

  async onModuleInit(): Promise<void> {
    const given = this.routes.guards ?? [];
    this.guards = await Promise.all(
      given.map(async (guard) => (typeof guard === 'function' ? this.moduleRef.create(guard) : guard)),
    );
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    harden(http.getResponse<HttpResponse>());
    const openTo = this.reflector.get<OpenTo | undefined>(OPEN_TO, context.getHandler());
    if (openTo === 'everybody') return true;
    this.assertToken(http.getRequest<HttpRequest>(), openTo);
    for (const guard of this.guards) {
      if (!(await verdictOf(guard, context)))
        throw new Problem(403, 'FORBIDDEN', 'a guard of the application refused this call');
    }
    return true;
  }

  private assertToken(request: HttpRequest, openTo: OpenTo | undefined): void {
    const { token } = this.management;
    if (token === undefined) return;
    const isLink = openTo === 'link';
    const given =
      bearerOf(request.headers.authorization) ?? (isLink ? parameter(request, 'token') : undefined);
    if (given !== undefined && token.isSameAs(given)) return;
    const { remoteAddress } = messageOf(request).socket;
    if (given !== undefined) this.failedLogins.note('wrong', remoteAddress);
    // A browser that opens the page is asked for the token there.
    else if (!isLink) this.failedLogins.note('missing', remoteAddress);
    throw unauthorized();
  }
}

function unauthorized(): Problem {
  return new Problem(401, 'UNAUTHORIZED', 'send the management token: Authorization: Bearer <token>');
}

async function verdictOf(guard: CanActivate, context: ExecutionContext): Promise<boolean> {
  const verdict = guard.canActivate(context);
  return isObservable(verdict) ? lastValueFrom(verdict) : verdict;
}

function harden(response: HttpResponse): void {
  response.header('Cache-Control', 'no-store');
  response.header('X-Content-Type-Options', 'nosniff');
}
