/**
 * The page. It holds no secret: whoever has no token gets it with the status 401, and it asks for one.
 */
import { Controller, Get, Res, UseFilters, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { AccessGuard } from '../access/access.guard.js';
import { OpenTo } from '../access/open-to.decorator.js';
import type { HttpResponse } from '../http/http.js';
import { PageFilter } from './page.filter.js';
import { sendPage } from './page.js';

@Controller({ path: 'ui', version: VERSION_NEUTRAL })
@UseGuards(AccessGuard)
@UseFilters(PageFilter)
export class PageController {
  @Get()
  @OpenTo('link')
  show(@Res() response: HttpResponse): void {
    sendPage(response, 200);
  }
}
