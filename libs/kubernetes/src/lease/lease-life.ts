/**
 * One candidacy for one Lease, from start to stop: the machine's effects carried out, with one timer, one request at a time
 * and one watch, all of which end with it.
 */
import { Logger } from '@nestjs/common';
import type { LeaderView, LeadershipListener, LeadershipSelf } from '@nest-cluster/core';
import { errorOf, type KubernetesApiError } from '../api/api-error.js';
import type { KubernetesApi } from '../api/kubernetes-api.js';
import { Reflector, type ApiObject } from '../api/reflector.js';
import { isRefused, LATE, Troubles } from '../api/troubles.js';
import { LeaseMachine } from './lease-machine.js';
import {
  readLease,
  TOKEN_ANNOTATION,
  writeLease,
  type LeaseChange,
  type LeaseRecord,
} from './lease-record.js';
import { NO_GRANT, type Grant, type LeaseEffect, type LeaseInput } from './lease-step.js';
import type { LeaseTiming } from './lease-timing.js';

export interface LeaseTask {
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  readonly timing: LeaseTiming;
}

const NOT_FOUND = 404;
const CONFLICT = 409;
const INVALID = 422;

const DEEDS = {
  read: 'be read',
  create: 'be created',
  update: 'be updated',
  watch: 'be watched',
};

export class LeaseLife {
  grant: Grant = NO_GRANT;
  leader: LeaderView | null = null;
  private readonly logger = new Logger('ClusterKubernetesLease');
  private readonly machine: LeaseMachine;
  private readonly closing = new AbortController();
  private readonly inputs: LeaseInput[] = [];
  private readonly collection: string;
  private isStepping = false;
  private callOff: () => void = () => undefined;
  private watching: Promise<void> | undefined;
  private readonly subject: string;
  private readonly troubles: Troubles<keyof typeof DEEDS>;
  private readonly stopped: Promise<void>;
  private tellStopped: () => void = () => undefined;

  constructor(
    private readonly api: KubernetesApi,
    private readonly task: LeaseTask,
    self: LeadershipSelf,
    private readonly listener: LeadershipListener,
  ) {
    this.machine = new LeaseMachine(self, task.timing, api.surroundings.random);
    this.collection = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(task.namespace)}/leases`;
    this.subject = `Lease ${task.namespace}/${task.name}`;
    this.troubles = new Troubles(this.logger, this.subject, DEEDS);
    this.stopped = new Promise((resolve) => (this.tellStopped = resolve));
  }

  start(): void {
    const reflector = new Reflector<LeaseRecord>(this.api, {
      path: this.collection,
      fieldSelector: `metadata.name=${this.task.name}`,
      read: readLease,
      changed: (kept) => this.take({ type: 'noticed', lease: kept.get(this.task.name) ?? null }),
      watched: () => this.troubles.succeeded('watch'),
      // The watch only saves time. What is wrong with the server shows when the machine reads for itself.
      failed: (error) => {
        if (isRefused(error)) this.troubles.failed('watch', error, LATE);
      },
    });
    this.watching = reflector.run(this.closing.signal);
    this.take({ type: 'tick' });
  }

  /** Gives the lease back if no work runs any more, and ends. */
  async stop(): Promise<void> {
    this.take({ type: 'stop' });
    await this.stopped;
    this.closing.abort();
    this.callOff();
    await this.watching;
  }

  /** Listeners may call back in here; what they say is taken afterwards, in order. */
  take(input: LeaseInput): void {
    this.inputs.push(input);
    if (this.isStepping) return;
    this.isStepping = true;
    for (let next = this.inputs.shift(); next; next = this.inputs.shift()) {
      for (const effect of this.machine.step(next, this.api.surroundings.clocks())) this.perform(effect);
    }
    this.isStepping = false;
    this.arm();
  }

  private arm(): void {
    this.callOff();
    const { surroundings } = this.api;
    const wait = this.machine.nextDeadline() - surroundings.clocks().mono;
    if (this.closing.signal.aborted || wait === Infinity) return;
    this.callOff = surroundings.after(wait, () => this.take({ type: 'tick' }));
  }

  private perform(effect: LeaseEffect): void {
    switch (effect.type) {
      case 'read':
        return void this.answer('read', this.read());
      case 'write':
        return void this.answer(effect.change.base ? 'update' : 'create', this.write(effect.change));
      case 'grant':
        this.grant = effect.grant;
        return;
      case 'acquired':
        return this.tell(() => this.listener.acquired(effect.token));
      case 'lost':
        return this.tell(() => this.listener.lost(effect.token, effect.reason));
      case 'leader':
        this.leader = effect.leader;
        return this.tell(() => this.listener.leaderChanged(effect.leader));
      case 'stuck':
        return this.tellStuck(effect.isStuck);
      case 'stopped':
        this.tellStopped();
    }
  }

  private async answer(kind: keyof typeof DEEDS, request: Promise<LeaseInput>): Promise<void> {
    try {
      const input = await request;
      if (input.type !== 'conflict') this.troubles.succeeded(kind);
      this.take(input);
    } catch (thrown) {
      const error = errorOf(thrown);
      this.troubles.failed(kind, error);
      const { retryAfterMs } = error;
      this.take({ type: 'failed', ...(retryAfterMs !== undefined && { retryAfterMs }) });
    }
  }

  private async read(): Promise<LeaseInput> {
    const path = `${this.collection}/${this.task.name}`;
    const timeoutMs = this.task.timing.requestTimeoutMs;
    try {
      return { type: 'read', lease: asLease(await this.api.call({ method: 'GET', path, timeoutMs })) };
    } catch (thrown) {
      if (errorOf(thrown).status === NOT_FOUND) return { type: 'read', lease: null };
      throw thrown;
    }
  }

  /** A PUT to the Lease's own address creates, too, so that a Role can bind that right to the name. */
  private async write(change: LeaseChange): Promise<LeaseInput> {
    const { name, timing } = this.task;
    const path = `${this.collection}/${name}`;
    const body = writeLease(name, change, this.api.surroundings.clocks().wall);
    const timeoutMs = timing.requestTimeoutMs;
    try {
      return {
        type: 'written',
        lease: asLease(await this.api.call({ method: 'PUT', path, body, timeoutMs })),
      };
    } catch (thrown) {
      if (isConflict(errorOf(thrown), change)) return { type: 'conflict' };
      throw thrown;
    }
  }

  private tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.logger.error(
        'a listener to leadership failed',
        error instanceof Error ? error.stack : String(error),
      );
    }
  }

  private tellStuck(isStuck: boolean): void {
    if (!isStuck) return this.logger.log(`${this.subject} has a token that can be raised again`);
    this.logger.error(
      `${this.subject} has a fencing token that cannot be raised, so that nobody can lead after the present leader: remove its annotation ${TOKEN_ANNOTATION}`,
    );
  }
}

/** The Lease is not as this node knew it: changed (409), deleted (404), or created by another (422: no version was given). */
function isConflict({ status, message }: KubernetesApiError, { base }: LeaseChange): boolean {
  if (base) return status === CONFLICT || status === NOT_FOUND;
  return status === CONFLICT || (status === INVALID && message.includes('metadata.resourceVersion'));
}

function asLease(answer: unknown): LeaseRecord {
  if (typeof answer !== 'object' || answer === null)
    throw new Error('the Kubernetes API answered with no Lease');
  return readLease(answer as ApiObject);
}
