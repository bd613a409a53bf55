/**
 * A browser that was refused gets the page, which then asks for the token; everybody else gets the error.
 */
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { HttpRequest, HttpResponse } from '../http/http.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { problemOf } from '../http/problem.js';
import { sendPage } from './page.js';

@Catch()
export class PageFilter extends ProblemFilter implements ExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const wantsPage = http.getRequest<HttpRequest>().headers.accept?.includes('text/html') ?? false;
    if (problemOf(error)?.statusCode === 401 && wantsPage) sendPage(http.getResponse<HttpResponse>(), 401);
    else super.catch(error, host);
  }
}
