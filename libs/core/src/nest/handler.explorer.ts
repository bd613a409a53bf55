/**
 * Finds decorated methods once the application is built, and connects them: handlers to the events, leader-only methods to
 * this application's leadership (N3). Modules that are loaded later are looked at when they are. N4: handlers stand on
 * singletons; what is built anew per request, or per user of it, is refused with class and method, all at once.
 */
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { ClusterError } from '@nest-cluster/protocol';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterEvents } from './cluster-events.js';
import { ClusterLeadership } from './cluster-leadership.js';
import { subscriptionsOf, type HandlerInstances, type Subscription } from './handler.decorators.js';
import { keyMatcher } from './key-pattern.js';
import { bindLeadership } from './leader-only.decorator.js';
import { isLeaderOnly } from './leader-only.rules.js';
import { OWN_EVENTS } from './tokens.js';

type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

interface Handler {
  /** The module whose end is theirs; undefined when they belong to none. */
  readonly owner: InstanceWrapper['host'];
  readonly label: string;
  readonly subscription: Subscription;
  readonly handle: (event: ClusterEvent) => unknown;
}

const ENDS_WITH_MODULE: ReadonlySet<string> = new Set(['storeWritten', 'storeDeleted']);

@Injectable()
export class HandlerExplorer implements HandlerInstances {
  private readonly logger = new Logger('ClusterEvents');
  private readonly seen = new WeakSet<object>();
  /** Prototypes of instances that were told of as useless. */
  private readonly useless = new WeakSet<object>();
  /** Built after the start, and not looked at yet. */
  private readonly late = new Set<object>();
  private isExplored = false;
  private usesCluster = false;

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(OWN_EVENTS) private readonly events: ClusterEvents,
    @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership,
  ) {}

  /** The application has handlers or leader-only methods, or asks who leads, so that the end of this node matters to it. */
  get isUsed(): boolean {
    return this.usesCluster;
  }

  /** Throws `CLUSTER_HANDLER_INVALID` when a handler stands where it cannot be called. */
  explore(): void {
    this.isExplored = true;
    const misplaced: string[] = [];
    const handlers: Handler[] = [];
    for (const wrapper of this.wrappers()) {
      const instance: unknown = wrapper.instance;
      if (instance !== this && asksForLeadership(wrapper)) this.usesCluster = true;
      if (!isSingleton(wrapper)) misplaced.push(...handlersOf(wrapper));
      else if (isObject(instance)) handlers.push(...this.connect(instance, wrapper.host));
    }
    if (misplaced.length > 0) {
      throw new ClusterError(
        'CLUSTER_HANDLER_INVALID',
        `handlers of cluster events need a singleton, but these belong to a request-scoped or transient class: ${[...new Set(misplaced)].join(', ')}. ` +
          'Move them to a provider of the default scope that injects nothing request-scoped.',
      );
    }
    for (const handler of handlers) this.subscribe(handler);
  }

  /** Takes in an object that is no provider, but lives as long as the application. */
  include(instance: object): void {
    for (const handler of this.connect(instance, undefined)) this.subscribe(handler);
  }

  built(instance: object): void {
    if (!this.isExplored || this.useless.has(prototypeOf(instance))) return;
    // The injector is in the middle of building it.
    if (this.late.size === 0) setImmediate(() => this.exploreLate());
    this.late.add(instance);
  }

  private exploreLate(): void {
    for (const wrapper of this.wrappers()) {
      const instance: unknown = wrapper.instance;
      if (!isObject(instance) || !this.late.has(instance) || !isSingleton(wrapper)) continue;
      this.late.delete(instance);
      for (const handler of this.connect(instance, wrapper.host)) this.subscribe(handler);
    }
    for (const instance of this.late) {
      const prototype = prototypeOf(instance);
      if (this.seen.has(instance) || this.useless.has(prototype)) continue;
      this.useless.add(prototype);
      this.logger.warn(
        `handlers of ${instance.constructor.name} are never called on an instance that is no singleton of a module`,
      );
    }
    this.late.clear();
  }

  private wrappers(): readonly InstanceWrapper[] {
    const enhancers = [...this.modules.values()].flatMap(({ injectables, middlewares }) => [
      ...injectables.values(),
      ...middlewares.values(),
    ]);
    return [...this.discovery.getProviders(), ...this.discovery.getControllers(), ...enhancers];
  }

  /** Nothing for an instance that is connected already. */
  private connect(instance: object, owner: Handler['owner']): Handler[] {
    if (this.seen.has(instance)) return [];
    this.seen.add(instance);
    return methodsOf(prototypeOf(instance)).flatMap(([name, method]) => {
      const isLeading = isLeaderOnly(method);
      if (isLeading) bindLeadership(instance, this.leadership);
      const subscriptions = subscriptionsOf(method);
      if (isLeading || subscriptions.length > 0) this.usesCluster = true;
      return subscriptions.map((subscription) => ({
        owner,
        label: `${instance.constructor.name}.${String(name)}()`,
        subscription,
        handle: (event: ClusterEvent): unknown => call(instance, name, event),
      }));
    });
  }

  private subscribe({ owner, label, subscription, handle }: Handler): void {
    const matches = keyMatcher(subscription.pattern);
    const end = this.events.subscribe(
      subscription.type,
      (event: ClusterEvent) => ('key' in event && !matches(event.key) ? undefined : handle(event)),
      label,
    );
    // The store lives longer than the modules that listen to it (N2): what they use may be closed by then.
    if (ENDS_WITH_MODULE.has(subscription.type))
      owner?.addProvider({ provide: Symbol(label), useValue: { onModuleDestroy: end } });
  }
}

function handlersOf(wrapper: InstanceWrapper): string[] {
  const prototype: unknown = wrapper.metatype?.prototype;
  return methodsOf(prototype).flatMap(([name, method]) =>
    subscriptionsOf(method).length > 0 ? [`${wrapper.name}.${String(name)}()`] : [],
  );
}

/** Those that are inherited too, and of each name the one that counts. Accessors are not called. */
function methodsOf(prototype: unknown): readonly (readonly [PropertyKey, object])[] {
  const methods = new Map<PropertyKey, unknown>();
  for (
    let owner = prototype;
    isObject(owner) && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner)
  ) {
    for (const name of Reflect.ownKeys(owner)) {
      if (!methods.has(name)) methods.set(name, Object.getOwnPropertyDescriptor(owner, name)?.value);
    }
  }
  methods.delete('constructor');
  return [...methods].flatMap(([name, method]) =>
    typeof method === 'function' ? [[name, method] as const] : [],
  );
}

/** By the type of a parameter of its constructor. */
function asksForLeadership({ metatype }: InstanceWrapper): boolean {
  if (typeof metatype !== 'function') return false;
  const types: unknown = Reflect.getMetadata('design:paramtypes', metatype);
  return Array.isArray(types) && types.includes(ClusterLeadership);
}

function prototypeOf(instance: object): object {
  const prototype: unknown = Object.getPrototypeOf(instance);
  return isObject(prototype) ? prototype : Object.prototype;
}

function isSingleton(wrapper: InstanceWrapper): boolean {
  return wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Looked up at each call, so that a spy or a proxy on the instance is met. */
function call(instance: object, name: PropertyKey, event: ClusterEvent): unknown {
  const method: unknown = Reflect.get(instance, name);
  return typeof method === 'function' ? Reflect.apply(method, instance, [event]) : undefined;
}
