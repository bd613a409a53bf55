/**
 * Routes that are reached in another way than by a bearer token.
 */
import { SetMetadata } from '@nestjs/common';

/** `everybody`: no token is asked for. `link`: the token may stand in the query, because a browser was sent here. */
export type OpenTo = 'everybody' | 'link';

export const OPEN_TO = Symbol('OPEN_TO');
export const OpenTo = (whom: OpenTo) => SetMetadata(OPEN_TO, whom);
