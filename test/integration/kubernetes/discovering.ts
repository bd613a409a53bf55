/**
 * Strategies of `kubernetes()` that a test begins, asks, and stops.
 */
import type { ClusterStrategy, StrategyContext } from '@nest-cluster/core';
import { kubernetes, type KubernetesOptions } from '@nest-cluster/kubernetes';
import type { ApiServer } from './api-server.js';

export const contextOf = (found: string[]): StrategyContext => ({
  cluster: 'test',
  secrets: [],
  self: { name: 'self', incarnation: 'a'.repeat(32), host: '10.0.0.1', port: 45_999 },
  loopbackOnly: false,
  found: (contacts) => void found.push(...contacts),
  wake: () => undefined,
  rejected: () => undefined,
});

const running: ClusterStrategy[] = [];

export async function begin(
  server: ApiServer,
  options: KubernetesOptions,
  found: string[] = [],
): Promise<ClusterStrategy> {
  const strategy = kubernetes({
    selector: 'app=shop',
    kubeConfig: server.kubeConfig,
    namespace: server.namespace,
    ...options,
  }).create({});
  running.push(strategy);
  await strategy.start?.(contextOf(found));
  return strategy;
}

export const discover = (strategy: ClusterStrategy): Promise<readonly string[]> =>
  strategy.discover(AbortSignal.timeout(5_000));

export async function stopAll(): Promise<void> {
  for (const strategy of running.splice(0)) await strategy.stop?.();
}
