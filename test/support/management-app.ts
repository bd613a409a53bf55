/**
 * Nest applications with a management module, as nodes of one cluster inside this process: real links, real HTTP.
 */
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import {
  Cluster,
  ClusterModule,
  ClusterStore,
  type ClusterOptions,
  type ClusterStrategy,
  type StrategyContext,
} from '@nest-cluster/core';
import {
  ClusterManagementModule,
  type ManagementOptions,
  type ManagementRoutes,
} from '@nest-cluster/management';
import { until } from './until.js';

export const TOKEN = 'token-of-these-tests';

export type Adapter = 'express' | 'fastify';
export const ADAPTERS: readonly Adapter[] = ['express', 'fastify'];
export type ManagedApp = NestExpressApplication | NestFastifyApplication;

/** Nodes of one test find each other here. */
export class MeetingPlace {
  private readonly addresses: string[] = [];

  strategy(): ClusterStrategy {
    return {
      name: 'meeting',
      start: ({ self }: StrategyContext) => void this.addresses.push(`${self.host}:${self.port}`),
      discover: () => Promise.resolve([...this.addresses]),
    };
  }
}

export interface NodeSettings {
  readonly name: string;
  readonly size: number;
  readonly place: MeetingPlace;
  readonly adapter: Adapter;
  readonly cluster?: ClusterOptions;
  readonly management?: ManagementOptions & ManagementRoutes;
  readonly imports?: readonly DynamicModule[];
  /** Before it listens. */
  readonly prepare?: (app: ManagedApp) => unknown;
}

export class ManagedNode {
  private constructor(
    readonly app: ManagedApp,
    readonly origin: string,
    readonly document: OpenAPIObject,
  ) {}

  static async start({
    name,
    size,
    place,
    adapter,
    cluster,
    management,
    imports = [],
    prepare,
  }: NodeSettings): Promise<ManagedNode> {
    @Module({
      imports: [
        ClusterModule.forRoot(place.strategy(), {
          name,
          size,
          port: 0,
          dataPort: 0,
          thread: 'main',
          cluster: 'managed',
          ...cluster,
        }),
        ClusterManagementModule.forRoot({ token: TOKEN, ...management }),
        ...imports,
      ],
    })
    class App {}
    const options = { logger: false, abortOnError: false } as const;
    const app: ManagedApp =
      adapter === 'fastify'
        ? await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), options)
        : await NestFactory.create<NestExpressApplication>(App, options);
    await prepare?.(app);
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().addBearerAuth().build());
    await app.listen(0, '127.0.0.1');
    return new ManagedNode(app, (await app.getUrl()).replace('[::1]', '127.0.0.1'), document);
  }

  get cluster(): Cluster {
    return this.app.get(Cluster);
  }

  get store(): ClusterStore {
    return this.app.get(ClusterStore);
  }

  async settled(): Promise<this> {
    await until(
      `${this.cluster.self.name} is green with a leader`,
      () => this.cluster.state === 'green' && this.cluster.leader,
    );
    return this;
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

/** So many nodes, green. */
export async function startNodes(
  size: number,
  adapter: Adapter,
  settings: Partial<NodeSettings> = {},
): Promise<readonly ManagedNode[]> {
  const place = new MeetingPlace();
  const names = Array.from({ length: size }, (_, index) => `n${index + 1}@test`);
  const nodes = await Promise.all(
    names.map((name) => ManagedNode.start({ name, size, place, adapter, ...settings })),
  );
  await Promise.all(nodes.map((node) => node.settled()));
  return nodes;
}
