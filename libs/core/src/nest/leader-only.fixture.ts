/**
 * An application on a control plane that the test holds in its hands, with or without controllers.
 */
import { Module, type Type } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import type { ClusterStrategy } from '../ports/cluster-strategy.js';
import { ClusterModule } from './cluster.module.js';
import { fakePlanes, type FakePlane } from './fakes.fixture.js';
import { CREATE_CONTROL_PLANE } from './tokens.js';

const ALONE: ClusterStrategy = { name: 'alone', discover: () => Promise.resolve([]) };

export interface LeaderOnlyApp {
  readonly module: TestingModule;
  /** This node leads from now on. */
  readonly lead: (token?: number) => void;
  /** Another node, of this name, leads from now on. */
  readonly leadElsewhere: (name: string) => void;
}

export async function leaderOnlyApp(providers: Type[], controllers: Type[] = []): Promise<LeaderOnlyApp> {
  const planes: FakePlane[] = [];
  @Module({
    imports: [ClusterModule.forRoot({ name: 'me', strategy: ALONE }), ScheduleModule.forRoot()],
    providers: providers.map((provide) =>
      provide.name.startsWith('FromFactory') ? { provide, useFactory: () => new provide() } : provide,
    ),
    controllers,
  })
  class App {}
  const module = await Test.createTestingModule({ imports: [App] })
    .overrideProvider(CREATE_CONTROL_PLANE)
    .useValue(fakePlanes(planes))
    .compile();
  return {
    module,
    lead: (token = 1) => planes[0]?.lead(token, Number.MAX_SAFE_INTEGER),
    leadElsewhere: (name) => {
      const [plane] = planes;
      if (plane === undefined) return;
      const node = { ...plane.self, name: name as typeof plane.self.name };
      plane.show({ leader: { node, token: 1 } });
    },
  };
}
