/**
 * Refuses what a call does not take: a parameter that it does not know, or a body where it has none. The description that
 * the OpenAPI document shows decides, so that the document is true.
 */
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { CALL, type CallDescription } from '../openapi/call.js';
import { messageOf, type HttpRequest } from './http.js';
import { assertKnownParameters } from './input.js';
import { badRequest } from './problem.js';
import { bodyHeadOf } from './set-aside.js';

@Injectable()
export class CallGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const call = this.reflector.get<CallDescription | undefined>(CALL, context.getHandler());
    if (call === undefined) return true;
    const request = context.switchToHttp().getRequest<HttpRequest>();
    assertKnownParameters(request, Object.keys(call.query ?? {}));
    const { bytes = Infinity } = bodyHeadOf(messageOf(request));
    if (call.body === undefined && bytes > 0) throw badRequest('this call takes no body');
    return true;
  }
}
