/**
 * Everything below the management path that is no call, so that it is refused in the documented shape. Registered last.
 */
import { All } from '@nestjs/common';
import { ManagementController } from './management-controller.decorator.js';
import { noSuchCall } from './problem.js';

@ManagementController()
export class UnknownCallController {
  @All('*rest')
  refuse(): never {
    throw noSuchCall();
  }
}
