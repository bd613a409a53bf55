/**
 * Ways to hurt a node on purpose; only there with DEMO_CHAOS=1.
 */
import { BadRequestException, Controller, HttpCode, Post, Query } from '@nestjs/common';

const BLOCK_MS_MAX = 120_000;

@Controller('demo')
export class ChaosController {
  /** Answers first, then blocks the main thread for `ms` milliseconds. */
  @Post('block')
  @HttpCode(202)
  block(@Query('ms') ms: string): { readonly blocksMs: number } {
    const blocksMs = Number(ms);
    if (!(blocksMs > 0 && blocksMs <= BLOCK_MS_MAX)) {
      throw new BadRequestException(`ms must be a number from 1 to ${BLOCK_MS_MAX}`);
    }
    setTimeout(() => {
      const end = Date.now() + blocksMs;
      while (Date.now() < end);
    }, 50);
    return { blocksMs };
  }
}
