/**
 * The events of this node as they happen, as `text/event-stream`. `Last-Event-ID` goes on where a client stopped; when that
 * is not possible any more, the first event is `reset`: read everything anew.
 */
import { Get, Inject, Req, Res } from '@nestjs/common';
import { takeOver, type HttpRequest, type HttpResponse } from '../http/http.js';
import { ManagementController } from '../http/management-controller.decorator.js';
import { Call } from '../openapi/call.js';
import { eventCalls } from '../openapi/calls.js';
import { EventHub } from './event-hub.js';

@ManagementController('events')
export class EventsController {
  constructor(@Inject(EventHub) private readonly hub: EventHub) {}

  @Get()
  @Call(eventCalls.follow)
  follow(@Req() request: HttpRequest, @Res() response: HttpResponse): void {
    this.hub.assertRoom();
    const lastId = request.headers['last-event-id'];
    this.hub.follow(takeOver(response), typeof lastId === 'string' ? lastId : undefined);
  }
}
