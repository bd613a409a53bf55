/**
 * `ClusterModule`: makes a Nest application a node of a cluster. Global, and imported once.
 */
import {
  Inject,
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
} from '@nestjs/common';
import { DiscoveryModule, ModulesContainer } from '@nestjs/core';
import { ClusterError } from '@nest-cluster/protocol';
import { createControlPlane, createDataPlane } from '../engine/index.js';
import { Cluster } from './cluster.js';
import { ClusterDiscovery } from './cluster-discovery.js';
import { ClusterEvents } from './cluster-events.js';
import { ClusterLeadership } from './cluster-leadership.js';
import type { ClusterModuleOptions, ClusterOptions, StrategySource } from './cluster-options.js';
import { ClusterRuntime } from './cluster-runtime.js';
import { ClusterStore } from './cluster-store.js';
import { optionsOf } from './given-options.js';
import { HandlerExplorer } from './handler.explorer.js';
import { isSource } from './read-strategy.js';
import { resolveOptions } from './resolve-options.js';
import { StoreSubscriptions } from './store-subscriptions.js';
import {
  CLUSTER_OPTIONS,
  CREATE_CONTROL_PLANE,
  CREATE_DATA_PLANE,
  HANDLER_INSTANCES,
  OWN_CLUSTER,
  OWN_DISCOVERY,
  OWN_EVENTS,
  OWN_LEADERSHIP,
  OWN_STORE,
  RESOLVED_OPTIONS,
} from './tokens.js';

type Given = ClusterOptions | StrategySource;
type OptionsFactory = FactoryProvider<Given | Promise<Given>>;

/** Options that other providers decide. */
export interface ClusterModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  /** Options, or a strategy alone. */
  readonly useFactory: OptionsFactory['useFactory'];
}

/**
 * Makes the application a node of a cluster, with `Cluster`, `ClusterEvents`, `ClusterDiscovery`, `ClusterLeadership` and
 * `ClusterStore` for everybody to inject. Import it once, in the root module, by `forRoot()` or `forRootAsync()`.
 */
@Module({})
export class ClusterModule {
  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    const registered = [...modules.values()].filter(({ metatype }) => metatype === ClusterModule);
    if (registered.length > 1) {
      throw new ClusterError(
        'CLUSTER_ALREADY_REGISTERED',
        `ClusterModule.forRoot() is imported ${registered.length} times in one application. An application is one node: ` +
          'import it once, in the root module; its providers are global.',
      );
    }
  }

  /**
   * Everything from the environment, or a strategy, or options, or both. A strategy is what `gossip()` and its like return,
   * a strategy of one's own, or its class: Nest builds it, with what `imports` among the options provide.
   */
  static forRoot(options?: ClusterModuleOptions): DynamicModule;
  /** A strategy, and options beside it. */
  static forRoot(strategy: StrategySource, options?: ClusterModuleOptions): DynamicModule;
  static forRoot(
    first: StrategySource | ClusterModuleOptions = {},
    second: ClusterModuleOptions = {},
  ): DynamicModule {
    const { imports = [], ...options } = isSource(first) ? { ...second, strategy: first } : first;
    return clusterModule(imports, { provide: CLUSTER_OPTIONS, useFactory: () => options });
  }

  /** Options, the strategy among them, from a factory that Nest injects into. */
  static forRootAsync({ imports = [], inject = [], useFactory }: ClusterModuleAsyncOptions): DynamicModule {
    return clusterModule(imports, { provide: CLUSTER_OPTIONS, inject, useFactory });
  }
}

/** What is public, and the name under which the node itself finds it. */
const PARTS = [
  [OWN_CLUSTER, Cluster],
  [OWN_EVENTS, ClusterEvents],
  [OWN_DISCOVERY, ClusterDiscovery],
  [OWN_LEADERSHIP, ClusterLeadership],
  [OWN_STORE, ClusterStore],
] as const;

function clusterModule(
  imports: NonNullable<ModuleMetadata['imports']>,
  options: OptionsFactory,
): DynamicModule {
  return {
    module: ClusterModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    providers: [
      options,
      {
        provide: RESOLVED_OPTIONS,
        inject: [CLUSTER_OPTIONS],
        useFactory: (given: Given) => resolveOptions(optionsOf(given), process.env),
      },
      { provide: CREATE_CONTROL_PLANE, useValue: createControlPlane },
      { provide: CREATE_DATA_PLANE, useValue: createDataPlane },
      StoreSubscriptions,
      HandlerExplorer,
      { provide: HANDLER_INSTANCES, useExisting: HandlerExplorer },
      ClusterRuntime,
      ...PARTS.flatMap(([own, part]) => [
        { provide: own, useClass: part },
        { provide: part, useExisting: own },
      ]),
    ],
    exports: [RESOLVED_OPTIONS, HANDLER_INSTANCES, ...PARTS.map(([, part]) => part)],
  };
}
