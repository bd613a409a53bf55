import {
  Controller,
  Get,
  Injectable,
  Logger,
  Param,
  ParseIntPipe,
  Post,
  Scope,
  UseGuards,
  type CanActivate,
  type INestApplication,
} from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import request from 'supertest';
import { LeaderOnly } from './leader-only.decorator.js';
import { leaderOnlyApp, type LeaderOnlyApp } from './leader-only.fixture.js';

@Injectable()
class Refuse implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller('above')
class Above {
  @LeaderOnly()
  @Get(':id')
  get(@Param('id', ParseIntPipe) id: number): object {
    return { id };
  }

  @LeaderOnly()
  @Post()
  @UseGuards(Refuse)
  post(): void {}
}

@Controller('below')
class Below {
  @Get(':id')
  @LeaderOnly()
  get(@Param('id', ParseIntPipe) id: number): object {
    return { id };
  }
}

@Controller('quiet')
class Quiet {
  @Get()
  @LeaderOnly({ otherwise: 'skip' })
  get(): object {
    return { isHere: true };
  }
}

@Controller({ path: 'per-request', scope: Scope.REQUEST })
class PerRequest {
  @Get()
  @LeaderOnly()
  get(): object {
    return { isHere: true };
  }
}

beforeAll(() => Logger.overrideLogger(false));

describe.each([
  ['Express', () => undefined],
  ['Fastify', () => new FastifyAdapter()],
])('@LeaderOnly on routes of %s (N5)', (_name, adapter) => {
  let app: INestApplication;
  let cluster: LeaderOnlyApp;

  beforeEach(async () => {
    cluster = await leaderOnlyApp([], [Above, Below, Quiet, PerRequest]);
    const platform = adapter();
    app =
      platform === undefined
        ? cluster.module.createNestApplication()
        : cluster.module.createNestApplication(platform);
    await app.listen(0, '127.0.0.1');
  });
  afterEach(() => app.close());
  const get = async (path: string) => request(await app.getUrl()).get(path);

  it.each(['/above/1', '/below/1', '/per-request', '/quiet'])(
    'answers 503 with the leader at %s, and passes on the leader',
    async (path) => {
      const nobody = await get(path);
      expect(nobody.status).toBe(503);
      expect(nobody.body).toEqual({
        statusCode: 503,
        code: 'CLUSTER_NOT_LEADER',
        message: expect.any(String) as string,
        leader: null,
      });
      cluster.leadElsewhere('other');
      expect((await get(path)).body).toMatchObject({ leader: 'other' });
      cluster.lead();
      expect((await get(path)).status).toBe(200);
    },
  );

  it('is asked before pipes, and in its place among guards', async () => {
    expect((await get('/above/none')).status).toBe(503);
    expect((await request(await app.getUrl()).post('/above')).status).toBe(403);
    cluster.lead();
    expect((await get('/above/none')).status).toBe(400);
    expect((await get('/above/7')).body).toEqual({ id: 7 });
  });
});
