/** The code of the store under test, as far as a simulation needs it: its machine, and its values. */
import type { ReplicaConfig, StoreMachine, StoredValue, isSettled } from '@nest-cluster/protocol';

export interface StoreUnderTest extends StoreMachine {
  /** Equal for replicas that hold the same. Compared when all is quiet. */
  digest?(): string;
}

export interface StoreCast {
  createReplica(config: ReplicaConfig): StoreUnderTest;
  readonly isSettled: typeof isSettled;
  valueOf(text: string): StoredValue;
  textOf(value: StoredValue): string;
}
