/**
 * Everything below the management path that is no call, so that it is refused in the documented shape. Registered last.
 */
import { All, Controller, UseFilters, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { AccessGuard } from '../access/access.guard.js';
import { notFound } from './problem.js';
import { ProblemFilter } from './problem.filter.js';

@Controller({ version: VERSION_NEUTRAL })
@UseGuards(AccessGuard)
@UseFilters(ProblemFilter)
export class UnknownCallController {
  @All('*rest')
  refuse(): never {
    throw notFound('there is no such call');
  }
}
