/**
 * Answers every error of the management calls in their one shape.
 */
import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { reply, type HttpResponse } from './http.js';
import { INTERNAL, problemOf } from './problem.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('ClusterManagement');

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOf(error);
    if (problem === undefined) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      this.logger.error(`a management call failed: ${message}`, stack);
    }
    reply(host.switchToHttp().getResponse<HttpResponse>(), problem ?? INTERNAL);
  }
}
