/**
 * Ways to hurt a node on purpose; only there with DEMO_CHAOS=1.
 */
import { BadRequestException, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { ClusterStore } from '@nest-cluster/core';

const BLOCK_MS_MAX = 120_000;
const KEYS_MAX = 1_000_000;
/** Writes that wait for each other, so that the node does something else in between. */
const KEYS_PER_TURN = 1_000;

@Controller('demo')
export class ChaosController {
  constructor(private readonly store: ClusterStore) {}

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

  /** Writes so many keys, `k/0000000` and on, and answers when this node holds them. */
  @Post('fill')
  @HttpCode(201)
  async fill(@Query('keys') keys: string): Promise<{ readonly size: number }> {
    const count = Number(keys);
    if (!(Number.isInteger(count) && count >= 1 && count <= KEYS_MAX)) {
      throw new BadRequestException(`keys must be a whole number from 1 to ${KEYS_MAX}`);
    }
    for (let from = 0; from < count; from += KEYS_PER_TURN) {
      const batch = Array.from({ length: Math.min(KEYS_PER_TURN, count - from) }, (_, index) => from + index);
      await Promise.all(
        batch.map((index) =>
          this.store.set(`k/${String(index).padStart(7, '0')}`, { index }, { ack: 'local' }),
        ),
      );
    }
    return { size: this.store.size };
  }
}
