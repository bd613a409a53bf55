import {
  Controller,
  Get,
  Injectable,
  Logger,
  Module,
  Param,
  ParseIntPipe,
  Post,
  Scope,
  UseGuards,
  type CanActivate,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Cron, Interval, ScheduleModule, Timeout } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import type { ControlPlaneConfig } from '../engine/index.js';
import { ClusterLeadership } from './cluster-leadership.js';
import { ClusterModule } from './cluster.module.js';
import { FakePlane, turn } from './fakes.fixture.js';
import { LeaderOnly } from './leader-only.decorator.js';
import { CREATE_CONTROL_PLANE } from './tokens.js';

@Injectable()
class Jobs {
  readonly ran: string[] = [];
  constructor(private readonly leadership: ClusterLeadership) {}

  @LeaderOnly()
  add(a: number, b: number): number {
    this.ran.push('add');
    return a + b;
  }

  @LeaderOnly()
  async slow(): Promise<{ token: number; isAborted: boolean }> {
    await turn();
    return { token: this.leadership.token, isAborted: this.leadership.signal.aborted };
  }

  @LeaderOnly()
  fail(): never {
    throw new Error('mine');
  }

  @LeaderOnly()
  @Cron('* * * * * *', { name: 'above' })
  cronAbove(): void {
    this.ran.push('cronAbove');
  }

  @Cron('* * * * * *', { name: 'below' })
  @LeaderOnly()
  cronBelow(): void {
    this.ran.push('cronBelow');
  }

  @Interval(20)
  @LeaderOnly()
  interval(): void {
    this.ran.push('interval');
  }

  @LeaderOnly()
  @Timeout(20)
  timeout(): void {
    this.ran.push('timeout');
  }

  @LeaderOnly()
  @OnEvent('order')
  listen(): void {
    this.ran.push('listen');
  }
}

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

@Controller({ path: 'per-request', scope: Scope.REQUEST })
class PerRequest {
  @Get()
  @LeaderOnly()
  get(): object {
    return { isHere: true };
  }
}

class FromFactory {
  @LeaderOnly()
  work(): string {
    return 'done';
  }
}

async function build(...controllers: Type[]) {
  const planes: FakePlane[] = [];
  @Module({
    imports: [ClusterModule.forRoot({ name: 'me', strategy: 'static' }), ScheduleModule.forRoot()],
    providers: [Jobs, { provide: FromFactory, useFactory: () => new FromFactory() }],
    controllers,
  })
  class App {}
  const module = await Test.createTestingModule({ imports: [App] })
    .overrideProvider(CREATE_CONTROL_PLANE)
    .useValue((config: ControlPlaneConfig) => {
      const plane = new FakePlane(config);
      planes.push(plane);
      return plane;
    })
    .compile();
  const lead = (token = 1) => planes[0]?.lead(token, Number.MAX_SAFE_INTEGER);
  return { module, lead, jobs: module.get(Jobs), plane: () => planes[0] };
}

beforeAll(() => {
  Logger.overrideLogger(false);
  process.env.CLUSTER_HOSTS = '127.0.0.1:45893';
});
afterAll(() => {
  delete process.env.CLUSTER_HOSTS;
});

describe('@LeaderOnly on methods (N5)', () => {
  let app: INestApplication;
  afterEach(() => app.close());

  it('does nothing before start, and elsewhere than on the leader', async () => {
    const { module, jobs, lead } = await build();
    app = module.createNestApplication();
    expect(jobs.add(1, 2)).toBeUndefined();
    await app.init();
    expect(jobs.add(1, 2)).toBeUndefined();
    lead();
    expect(jobs.add(1, 2)).toBe(3);
    expect(jobs.ran).toEqual(['add']);
  });

  it('hands results, promises and errors through, and keeps name and length', async () => {
    const { module, jobs, lead } = await build();
    app = module.createNestApplication();
    await app.init();
    lead(5);
    await expect(jobs.slow()).resolves.toEqual({ token: 5, isAborted: false });
    expect(() => jobs.fail()).toThrow('mine');
    expect(jobs.add.name).toBe('add');
    expect(jobs.add).toHaveLength(2);
  });

  it('keeps metadata on whichever side it was put', () => {
    const keysOf = (method: object) => Reflect.getMetadataKeys(method).map(String);
    const { cronAbove, cronBelow, listen } = Jobs.prototype;
    expect(keysOf(cronAbove)).toEqual(expect.arrayContaining(['SCHEDULE_CRON_OPTIONS', 'SCHEDULER_TYPE']));
    expect(keysOf(cronBelow)).toEqual(expect.arrayContaining(['SCHEDULE_CRON_OPTIONS', 'SCHEDULER_TYPE']));
    expect(keysOf(listen)).toContain('EVENT_LISTENER_METADATA');
  });

  it('goes with @Cron, @Interval and @Timeout in either order', async () => {
    const { module, jobs, lead } = await build();
    app = module.createNestApplication();
    await app.init();
    lead();
    const all = ['cronAbove', 'cronBelow', 'interval', 'timeout'];
    while (!all.every((job) => jobs.ran.includes(job))) await turn();
    expect(jobs.ran).toEqual(expect.arrayContaining(all));
  });

  it('works on what a factory made', async () => {
    const { module, lead } = await build();
    app = module.createNestApplication();
    await app.init();
    expect(module.get(FromFactory).work()).toBeUndefined();
    lead();
    expect(module.get(FromFactory).work()).toBe('done');
  });

  it('shows nothing on the instance', async () => {
    const { module, jobs } = await build();
    app = module.createNestApplication();
    expect(Reflect.ownKeys(jobs).sort()).toEqual(['leadership', 'ran']);
  });

  it('N3: asks the application that the instance belongs to', async () => {
    const one = await build();
    const two = await build();
    app = one.module.createNestApplication();
    const other = two.module.createNestApplication();
    await Promise.all([app.init(), other.init()]);
    two.lead();
    expect(one.jobs.add(1, 2)).toBeUndefined();
    expect(two.jobs.add(1, 2)).toBe(3);
    await other.close();
    expect(two.jobs.add(1, 2)).toBeUndefined();
  });

  it('is skipped, not broken, where there is no cluster at all', async () => {
    const { module } = await build();
    app = module.createNestApplication();
    const alone = await Test.createTestingModule({ providers: [FromFactory] }).compile();
    expect(alone.get(FromFactory).work()).toBeUndefined();
    await alone.close();
  });

  it('refuses to stand on anything but a method of instances', async () => {
    const { module } = await build();
    app = module.createNestApplication();
    expect(() => {
      class Wrong {
        @LeaderOnly()
        static work(): void {}
      }
      return Wrong;
    }).toThrow(expect.objectContaining({ code: 'CLUSTER_HANDLER_INVALID' }));
  });
});

describe.each([
  ['Express', () => undefined],
  ['Fastify', () => new FastifyAdapter()],
])('@LeaderOnly on routes of %s (N5)', (_name, adapter) => {
  let app: INestApplication;
  let cluster: Awaited<ReturnType<typeof build>>;

  beforeEach(async () => {
    cluster = await build(Above, Below, PerRequest);
    const platform = adapter();
    app =
      platform === undefined
        ? cluster.module.createNestApplication()
        : cluster.module.createNestApplication(platform);
    await app.listen(0, '127.0.0.1');
  });
  afterEach(() => app.close());
  const get = async (path: string) => request(await app.getUrl()).get(path);

  it.each(['/above/1', '/below/1', '/per-request'])(
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
      const plane = cluster.plane();
      plane?.show({ leader: { node: { ...plane.self, name: 'other' as typeof plane.self.name }, token: 1 } });
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
