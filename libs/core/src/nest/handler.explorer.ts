/**
 * Finds decorated methods once the application is built, and connects them: handlers to the events, leader-only methods to
 * this application's leadership (N3). N4: handlers stand on singletons; what is built anew per request, or per user of it,
 * is refused with class and method, all at once.
 */
import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ClusterError } from '@nest-cluster/protocol';
import type { ClusterEvent } from './cluster-event.js';
import { ClusterEvents } from './cluster-events.js';
import { ClusterLeadership } from './cluster-leadership.js';
import { subscriptionsOf, type Subscription } from './handler.decorators.js';
import { keyMatcher } from './key-pattern.js';
import { bindLeadership, isLeaderOnly } from './leader-only.decorator.js';

type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

interface Handler {
  readonly owner: InstanceWrapper['host'];
  readonly label: string;
  readonly subscription: Subscription;
  readonly handle: (event: ClusterEvent) => unknown;
}

const ENDS_WITH_MODULE: ReadonlySet<string> = new Set(['storeWritten', 'storeDeleted']);

@Injectable()
export class HandlerExplorer {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(ClusterEvents) private readonly events: ClusterEvents,
    @Inject(ClusterLeadership) private readonly leadership: ClusterLeadership,
  ) {}

  /** Throws `CLUSTER_HANDLER_INVALID` when a handler stands where it cannot be called. */
  explore(): void {
    const seen = new Set<object>();
    const misplaced: string[] = [];
    const handlers: Handler[] = [];
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      if (isSingleton(wrapper)) {
        const instance: unknown = wrapper.instance;
        if (!isObject(instance) || seen.has(instance)) continue;
        seen.add(instance);
        handlers.push(...this.connect(instance, wrapper.host));
      } else {
        misplaced.push(...this.handlersOf(wrapper));
      }
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

  private connect(instance: object, owner: Handler['owner']): Handler[] {
    const prototype: unknown = Object.getPrototypeOf(instance);
    if (!isObject(prototype)) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method: unknown = Reflect.get(prototype, name);
      if (typeof method !== 'function') return [];
      if (isLeaderOnly(method)) bindLeadership(instance, this.leadership);
      return subscriptionsOf(method).map((subscription) => ({
        owner,
        label: `${instance.constructor.name}.${name}()`,
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

  private handlersOf(wrapper: InstanceWrapper): string[] {
    const prototype: unknown = wrapper.metatype?.prototype;
    if (!isObject(prototype)) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method: unknown = Reflect.get(prototype, name);
      return typeof method === 'function' && subscriptionsOf(method).length > 0
        ? [`${wrapper.name}.${name}()`]
        : [];
    });
  }
}

function isSingleton(wrapper: InstanceWrapper): boolean {
  return wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Looked up at each call, so that a spy or a proxy on the instance is met. */
function call(instance: object, name: string, event: ClusterEvent): unknown {
  const method: unknown = Reflect.get(instance, name);
  return typeof method === 'function' ? Reflect.apply(method, instance, [event]) : undefined;
}
