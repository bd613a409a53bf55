/**
 * Answers every error of the management calls in their one shape.
 */
import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { answer, isAnswered, messageOf, type HttpRequest, type HttpResponse } from './http.js';
import { INTERNAL, Problem, problemOf } from './problem.js';
import { mustClose } from './set-aside.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('ClusterManagement');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<HttpResponse>();
    // An interceptor of the application that cannot do without a value fails after the call has answered.
    if (isAnswered(response)) return;
    const problem = problemOf(error);
    if (problem === undefined) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      this.logger.error(`a management call failed: ${message}`, stack);
    }
    if (mustClose(messageOf(http.getRequest<HttpRequest>()))) response.header('Connection', 'close');
    const headers = error instanceof Problem ? error.headers : {};
    for (const [name, value] of Object.entries(headers)) response.header(name, value);
    const body = problem ?? INTERNAL;
    answer(response, body.statusCode, body);
  }
}
