/**
 * `ClusterManagementModule`: watching and steering the cluster over HTTP, from any node.
 */
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { AccessGuard } from './access/access.guard.js';
import { FailedLogins } from './access/failed-logins.js';
import { PageAnnouncer } from './access/page-announcer.js';
import { EventHub } from './events/event-hub.js';
import { EventsController } from './events/events.controller.js';
import { BodyReader } from './http/body-reader.js';
import { CallGuard } from './http/call.guard.js';
import { FrontDoor } from './http/front-door.js';
import { UnknownCallController } from './http/unknown-call.controller.js';
import {
  DEFAULT_PATH,
  MANAGEMENT_ROUTES,
  RESOLVED_MANAGEMENT,
  cleanPath,
  resolveManagement,
  type ManagementOptions,
  type ManagementRoutes,
} from './management-options.js';
import { ClusterController } from './nodes/cluster.controller.js';
import { ClusterReport } from './nodes/cluster-report.js';
import { LeaderController } from './nodes/leader.controller.js';
import { NodeCommands } from './nodes/node-commands.js';
import { NodeLine } from './nodes/node-line.js';
import { NodesController } from './nodes/nodes.controller.js';
import { OwnView } from './nodes/own-view.js';
import { ViewBook } from './nodes/view-book.js';
import { describeCalls } from './openapi/describe-calls.js';
import { PageController } from './page/page.controller.js';
import { KeysController } from './store/keys.controller.js';
import { PartitionBook } from './store/partition-book.js';
import { PartitionsController } from './store/partitions.controller.js';

export interface ManagementAsyncOptions extends ManagementRoutes {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<ManagementOptions | Promise<ManagementOptions>>['useFactory'];
}

/** The last one takes what no other takes. */
const CONTROLLERS = [
  ClusterController,
  NodesController,
  LeaderController,
  KeysController,
  PartitionsController,
  EventsController,
  PageController,
  UnknownCallController,
];

/** Told to `@nestjs/swagger` before an application can ask it for a document. */
const DESCRIBED = Symbol('DESCRIBED');

@Module({})
export class ClusterManagementModule {
  static forRoot({
    path,
    guards,
    imports,
    ...options
  }: ManagementOptions & ManagementRoutes = {}): DynamicModule {
    return managementModule({ path, guards, imports }, [], () => options);
  }

  /** Everything but `path` and `guards` from a factory that Nest injects into. */
  static forRootAsync({ inject = [], useFactory, ...routes }: ManagementAsyncOptions): DynamicModule {
    return managementModule(routes, inject, useFactory);
  }
}

function managementModule(
  routes: ManagementRoutes,
  inject: NonNullable<FactoryProvider['inject']>,
  optionsOf: ManagementAsyncOptions['useFactory'],
): DynamicModule {
  const path = cleanPath(routes.path ?? DEFAULT_PATH);
  return {
    module: ClusterManagementModule,
    imports: [RouterModule.register([{ path, module: ClusterManagementModule }]), ...(routes.imports ?? [])],
    controllers: CONTROLLERS,
    providers: [
      { provide: MANAGEMENT_ROUTES, useValue: routes },
      {
        provide: RESOLVED_MANAGEMENT,
        inject,
        // The options themselves stay in here: they hold the token as it is.
        useFactory: async (...args: Parameters<typeof optionsOf>) =>
          resolveManagement(await optionsOf(...args), routes, process.env),
      },
      { provide: DESCRIBED, useFactory: () => describeCalls(CONTROLLERS) },
      AccessGuard,
      CallGuard,
      FailedLogins,
      BodyReader,
      FrontDoor,
      PageAnnouncer,
      NodeLine,
      OwnView,
      ViewBook,
      PartitionBook,
      ClusterReport,
      NodeCommands,
      EventHub,
    ],
  };
}
