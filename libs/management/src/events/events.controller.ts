/**
 * The events of this node as they happen, as `text/event-stream`. `Last-Event-ID` goes on where a client stopped; when that
 * is not possible any more, the first event is `reset`: read everything anew.
 */
import { Controller, Get, Inject, Req, Res, UseFilters, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { AccessGuard } from '../access/access.guard.js';
import { takeOver, type HttpRequest, type HttpResponse } from '../http/http.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { EventHub } from './event-hub.js';

@Controller({ path: 'events', version: VERSION_NEUTRAL })
@UseGuards(AccessGuard)
@UseFilters(ProblemFilter)
export class EventsController {
  constructor(@Inject(EventHub) private readonly hub: EventHub) {}

  @Get()
  follow(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    this.hub.assertRoom();
    const lastId = request.headers['last-event-id'];
    this.hub.follow(takeOver(response), typeof lastId === 'string' ? lastId : undefined);
  }
}
