/** The code of the store under test, as far as a simulation needs it: its machine, its bytes, its values. */
import type {
  ReplicaConfig,
  StoreMachine,
  StoreMessage,
  StoreOptions,
  StoredValue,
  isSettled,
} from '@nest-cluster/protocol';

export interface StoreCast {
  createReplica(config: ReplicaConfig): StoreMachine;
  readonly isSettled: typeof isSettled;
  encode(message: StoreMessage): Uint8Array;
  decode(bytes: Uint8Array, options: StoreOptions): StoreMessage | undefined;
  valueOf(text: string): StoredValue;
  textOf(value: StoredValue): string;
}
