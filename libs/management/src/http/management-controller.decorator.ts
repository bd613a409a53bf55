/**
 * What all controllers of the management calls have in common.
 */
import { applyDecorators, Controller, UseFilters, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { AccessGuard } from '../access/access.guard.js';
import { CallGuard } from './call.guard.js';
import { ProblemFilter } from './problem.filter.js';

/** @param path behind the path of the module */
export function ManagementController(path = ''): ClassDecorator {
  return applyDecorators(
    Controller({ path, version: VERSION_NEUTRAL }),
    UseGuards(AccessGuard, CallGuard),
    UseFilters(ProblemFilter),
  );
}
