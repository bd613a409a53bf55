/**
 * One node in this process that runs for the Lease `shop` on the fake API server, with what it was told and what it logged.
 */
import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { LeadershipProvider } from '@nest-cluster/core';
import { kubernetesLease, type LoadKubeConfig } from '@nest-cluster/kubernetes';
import type { StoredObject } from '@nest-cluster/testing';
import type { FakeApiServer } from './api-server.js';
import { leases } from './objects.js';

export const LEASE_SECONDS = 2;
export const LEASE_MS = LEASE_SECONDS * 1000;

export const monotonicNow = (): number => Number(process.hrtime.bigint()) / 1e6;

export class LeaseNode {
  readonly told: string[] = [];
  readonly lease: LeadershipProvider;

  constructor(
    readonly name: string,
    kubeConfig: LoadKubeConfig,
  ) {
    this.lease = kubernetesLease({
      name: 'shop',
      namespace: 'shop',
      leaseSeconds: LEASE_SECONDS,
      kubeConfig,
    });
  }

  get isLeader(): boolean {
    return this.lease.leadsUntil() > monotonicNow();
  }

  /** Works as long as it leads, and no longer. */
  async start(): Promise<void> {
    const self = {
      cluster: 'test',
      name: this.name,
      incarnation: randomBytes(16).toString('hex'),
      candidate: true,
      priority: 0,
      rank: () => 0,
    };
    await this.lease.start(self, {
      acquired: (token) => void this.told.push(`acquired ${token}`),
      lost: (token, reason) => {
        this.told.push(`lost ${reason}`);
        this.lease.workEnded(token);
      },
      leaderChanged: () => undefined,
    });
  }
}

/** What is logged from now on. */
export function loggedLines(): readonly string[] {
  const lines: string[] = [];
  const log = (text: unknown): void => void lines.push(String(text));
  Logger.overrideLogger({ log, warn: log, error: log });
  return lines;
}

export function storedLease({ fake }: FakeApiServer): StoredObject & {
  readonly spec: Readonly<Record<string, unknown>>;
} {
  const object = fake.store.get(leases('shop'), 'shop');
  return { ...object, spec: (object['spec'] ?? {}) as Readonly<Record<string, unknown>> };
}

/** Somebody writes the Lease by hand. Annotations that are given take the place of all. */
export function editLease(
  server: FakeApiServer,
  { spec, annotations }: { readonly spec?: object; readonly annotations?: Record<string, string> },
): void {
  const object = storedLease(server);
  server.fake.store.replace(leases('shop'), 'shop', {
    ...object,
    metadata: { ...object.metadata, ...(annotations && { annotations }) },
    spec: { ...object.spec, ...spec },
  });
}
