/**
 * How the application of one node of a test is started: modules that take the cluster they are given, or a module that
 * imports `ClusterModule` itself.
 */
import { CLUSTER_OPTIONS, ClusterModule, type ClusterOptions } from '@nest-cluster/core';
import type {
  DynamicModule,
  INestApplicationContext,
  LoggerService,
  LogLevel,
  ModuleMetadata,
  Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';

/** An application that is put together for the test. */
export interface OfModules {
  /**
   * The application of one node. It must import the `cluster` that it is given, in place of its own `ClusterModule.forRoot()`.
   */
  readonly module: (cluster: DynamicModule, name: string) => ModuleMetadata;
}

/** A real application. */
export interface OfApplication {
  /** Its root module, which imports `ClusterModule` itself. The options given there are replaced by those of the test. */
  readonly application: Type | DynamicModule;
  /** What else the test replaces: `(builder) => builder.overrideProvider(Mailer).useValue(mailer)`. Called for each node. */
  readonly override?: (builder: TestingModuleBuilder, name: string) => TestingModuleBuilder;
}

export type Logging = LoggerService | LogLevel[] | false;

export async function openNode(
  source: OfModules | OfApplication,
  name: string,
  options: ClusterOptions,
  logger: Logging,
): Promise<INestApplicationContext> {
  if ('application' in source) return openApplication(source, name, options, logger);
  class TestNodeModule {}
  return NestFactory.createApplicationContext(
    { module: TestNodeModule, ...source.module(ClusterModule.forRoot(options), name) },
    { logger, abortOnError: false },
  );
}

async function openApplication(
  { application, override = (builder) => builder }: OfApplication,
  name: string,
  options: ClusterOptions,
  logger: Logging,
): Promise<INestApplicationContext> {
  const builder = Test.createTestingModule({ imports: [application] })
    .overrideProvider(CLUSTER_OPTIONS)
    .useValue(options);
  const module = await override(builder, name).compile();
  module.useLogger(logger);
  return module.init();
}
