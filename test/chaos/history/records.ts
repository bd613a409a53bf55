/**
 * What a history is made of. Times are milliseconds of the machine's monotonic clock; where there are two, the thing happened
 * between them.
 */
export type Ack = 'local' | 'quorum' | 'all';

/** How the cluster is set up; drawn by the seed, or by a scenario. */
export interface Profile {
  readonly hosts: number;
  readonly recovery: 'automatic' | 'manual';
  readonly minority: 'available' | 'read-only';
  /** Voters known by name, by `size` alone, or not at all. */
  readonly voters: 'named' | 'size' | 'none';
}

export interface Setup {
  readonly type: 'setup';
  readonly seed: number;
  readonly profile: Profile;
  readonly what: string;
}

/** A life is one process: `<host>.<count>`. */
export interface Began {
  readonly type: 'began';
  readonly t: number;
  readonly life: string;
  readonly host: number;
  readonly name: string;
  readonly pid: number;
}

export interface Ended {
  readonly type: 'ended';
  readonly life: string;
  readonly host: number;
  readonly t0: number;
  readonly t1: number;
  /** A signal, an exit code, or `stuck`: it was asked to end, did not, and was killed. */
  readonly how: string;
}

/** What a life answers when it is asked for keys: 200, or 503 before it has the store. */
export interface Readiness {
  readonly type: 'readiness';
  readonly life: string;
  readonly host: number;
  readonly isReady: boolean;
  readonly t0: number;
  readonly t1: number;
}

/** From one host to another; one way. */
export type Way = readonly [from: number, to: number];

/** The whole network from now on. */
export interface Links {
  readonly type: 'links';
  readonly t0: number;
  readonly t1: number;
  readonly cut: readonly Way[];
  readonly lossy: readonly Way[];
}

/** A life that is stopped, or whose main thread is blocked, and then goes on. */
export interface Halt {
  readonly type: 'halt';
  readonly life: string;
  readonly host: number;
  readonly t0: number;
  readonly t1: number;
  readonly how: 'stopped' | 'blocked';
}

/** A wall clock was set to be off by so much. */
export interface ClockStep {
  readonly type: 'clockStep';
  readonly t: number;
  readonly host: number;
  readonly offMs: number;
}

/** `ok`: done. `failed`: surely not done. `open`: nobody knows. `applied`: done on this node, and nobody vouches for more. */
export type Outcome = 'ok' | 'failed' | 'open' | 'applied';

export interface Operation {
  readonly type: 'operation';
  readonly id: number;
  readonly client: string;
  readonly life: string;
  readonly host: number;
  readonly kind: 'write' | 'delete' | 'read';
  readonly key: string;
  /** What was written, unlike any other value; what was read, null when there was no such key. */
  readonly value: string | null;
  readonly ack: Ack | null;
  readonly t0: number;
  readonly t1: number;
  readonly outcome: Outcome;
  readonly code: string;
}

/** This life said that it leads. */
export interface Lead {
  readonly type: 'lead';
  readonly life: string;
  readonly token: number;
  readonly t0: number;
  readonly t1: number;
}

/** One event of a life's stream, when it arrived. `opened` is the stream itself; `reset` says that events are missing. */
export interface Heard {
  readonly type: 'heard';
  readonly t: number;
  readonly life: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An operator's choice for a partition, or a change of the recovery mode. */
export interface Choice {
  readonly type: 'choice';
  readonly life: string;
  readonly host: number;
  readonly partition: string;
  readonly choose: 'merge' | 'keep' | 'automatic';
  readonly side: string | null;
  readonly sides: readonly (readonly string[])[];
  readonly t0: number;
  readonly t1: number;
  readonly status: number;
  readonly code: string;
}

/** A fault begins or ends; for whoever reads the history. */
export interface FaultMark {
  readonly type: 'fault';
  readonly t: number;
  readonly fault: string;
  readonly phase: 'start' | 'stop';
  readonly detail: string;
}

/** All faults are over and all processes are up; whatever must come together has to from now on. */
export interface Healed {
  readonly type: 'healed';
  readonly t: number;
}

/** What every life showed at the end of a healing, whether they came to the same or not. */
export interface Settled {
  readonly type: 'settled';
  readonly healedAt: number;
  /** Null: did not happen for as long as was waited. */
  readonly greenAt: number | null;
  readonly equalAt: number | null;
  readonly states: readonly LifeState[];
  /** How many times the promised time is allowed. */
  readonly room: number;
}

export interface LifeState {
  readonly life: string;
  readonly host: number;
  readonly state: string;
  readonly isReady: boolean;
  readonly waiting: number;
  readonly t0: number;
  readonly t1: number;
  readonly entries: Readonly<Record<string, string>>;
}

export type Entry =
  | Setup
  | Began
  | Ended
  | Readiness
  | Links
  | Halt
  | ClockStep
  | Operation
  | Lead
  | Heard
  | Choice
  | FaultMark
  | Healed
  | Settled;

export type EntryOf<Type extends Entry['type']> = Extract<Entry, { type: Type }>;
