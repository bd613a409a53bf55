/**
 * The page. It holds no secret: whoever has no token gets it with the status 401, and it asks for one.
 */
import { Get, Res, UseFilters } from '@nestjs/common';
import { OpenTo } from '../access/open-to.decorator.js';
import type { HttpResponse } from '../http/http.js';
import { ManagementController } from '../http/management-controller.decorator.js';
import { Call } from '../openapi/call.js';
import { pageCalls } from '../openapi/calls.js';
import { PageFilter } from './page.filter.js';
import { sendPage } from './page.js';

@ManagementController('ui')
export class PageController {
  @Get()
  @OpenTo('link')
  @UseFilters(PageFilter)
  @Call(pageCalls.show)
  show(@Res() response: HttpResponse): void {
    sendPage(response, 200);
  }
}
