/**
 * Handlers in places that are easily overlooked: each is called, refused or told of, and none is silent (N4).
 */
import {
  Controller,
  Get,
  Injectable,
  Logger,
  Module,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type INestApplication,
  type MiddlewareConsumer,
  type NestInterceptor,
  type NestMiddleware,
  type NestModule,
  type Type,
} from '@nestjs/common';
import { LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { ControlPlaneConfig } from '../engine/index.js';
import type { ClusterStrategy } from '../ports/cluster-strategy.js';
import { NodeUpEvent, type ClusterEvent } from './cluster-event.js';
import { ClusterEvents } from './cluster-events.js';
import type { ClusterOptions } from './cluster-options.js';
import { ClusterModule } from './cluster.module.js';
import type { ConflictResolver } from './conflict-resolver.js';
import { FakePlane, nodeInfo, turn } from './fakes.fixture.js';
import { OnNodeUp } from './handler.decorators.js';
import { CREATE_CONTROL_PLANE } from './tokens.js';

const up = () => new NodeUpEvent(nodeInfo('b'), 1);

@Injectable()
class Watcher {
  readonly heard: ClusterEvent[] = [];

  @OnNodeUp()
  up(event: NodeUpEvent): void {
    this.heard.push(event);
  }
}

@Injectable()
class Symbolic {
  readonly heard: ClusterEvent[] = [];

  @OnNodeUp()
  [Symbol('up')](event: NodeUpEvent): void {
    this.heard.push(event);
  }
}

let heardBy: string[] = [];

@Injectable()
class Guard implements CanActivate {
  canActivate = () => true;

  @OnNodeUp()
  up(): void {
    heardBy.push('guard');
  }
}

@Injectable()
class Interceptor implements NestInterceptor {
  intercept = (_context: unknown, next: CallHandler) => next.handle();

  @OnNodeUp()
  up(): void {
    heardBy.push('interceptor');
  }
}

@Injectable()
class Middleware implements NestMiddleware {
  use = (_request: unknown, _response: unknown, next: () => void) => next();

  @OnNodeUp()
  up(): void {
    heardBy.push('middleware');
  }
}

@Injectable()
class Finder implements ClusterStrategy {
  readonly name = 'finder';
  discover = () => Promise.resolve([]);

  @OnNodeUp()
  up(): void {
    heardBy.push('strategy');
  }
}

@Injectable()
class Chooser implements ConflictResolver {
  resolve = () => undefined;

  @OnNodeUp()
  up(): void {
    heardBy.push('resolver');
  }
}

@Controller()
@UseGuards(Guard)
@UseInterceptors(Interceptor)
class Routes {
  @Get()
  get(): void {}
}

@Module({ providers: [Watcher] })
class LateModule {}

const applications: INestApplication[] = [];

async function started(options: ClusterOptions = {}, ...providers: Type[]): Promise<INestApplication> {
  heardBy = [];
  const strategy: ClusterStrategy = { name: 'nowhere', discover: () => Promise.resolve([]) };
  @Module({
    imports: [ClusterModule.forRoot({ strategy, ...options })],
    providers,
    controllers: [Routes],
  })
  class App implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(Middleware).forRoutes(Routes);
    }
  }
  const module = await Test.createTestingModule({ imports: [App] })
    .overrideProvider(CREATE_CONTROL_PLANE)
    .useValue((config: ControlPlaneConfig) => new FakePlane(config))
    .compile();
  const app = module.createNestApplication();
  applications.push(app);
  return app.init();
}

describe('N4: a handler', () => {
  beforeEach(() => Logger.overrideLogger(false));
  afterEach(async () => {
    await Promise.all(applications.splice(0).map((app) => app.close()));
    jest.restoreAllMocks();
  });

  it('may have a symbol for a name', async () => {
    const app = await started({}, Symbolic);
    app.get(ClusterEvents).emit(up());
    expect(app.get(Symbolic).heard).toEqual([up()]);
  });

  class Of {}
  it.each([
    ['a static method', Of, { value: () => undefined }],
    ['a property', Of.prototype, undefined],
    ['an accessor', Of.prototype, { get: () => undefined }],
  ])('is refused on %s, by name', (_, target, descriptor) => {
    const decorate = OnNodeUp() as (on: object, key: string, descriptor?: PropertyDescriptor) => unknown;
    expect(() => decorate(target, 'here', descriptor)).toThrow(
      expect.objectContaining({
        code: 'CLUSTER_HANDLER_INVALID',
        message: expect.stringContaining('Of.here') as string,
      }),
    );
  });

  it('is called in guards, interceptors and middleware', async () => {
    const app = await started();
    app.get(ClusterEvents).emit(up());
    expect(heardBy.sort()).toEqual(['guard', 'interceptor', 'middleware']);
  });

  it('is called in a module that is loaded after the start', async () => {
    const app = await started();
    const loaded = await app.get(LazyModuleLoader).load(() => LateModule);
    await turn();
    app.get(ClusterEvents).emit(up());
    expect(loaded.get(Watcher).heard).toEqual([up()]);
  });

  it('is told of, once for each class, where it can never be called', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const app = await started();
    for (let times = 0; times < 3; times++) {
      await app.get(ModuleRef).create(Watcher);
      await turn();
    }
    const lines = warned.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('Watcher'));
    expect(lines).toEqual([expect.stringContaining('never called')]);
  });

  it.each(['strategy', 'resolver'])('is called in a %s that Nest makes of its class', async (kind) => {
    const options = kind === 'strategy' ? { strategy: Finder } : { store: { resolver: Chooser } };
    const app = await started(options);
    await turn();
    app.get(ClusterEvents).emit(up());
    expect(heardBy.filter((heard) => heard === kind)).toEqual([kind]);
  });
});
