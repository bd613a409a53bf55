/** What the command line of the simulator asks for. */
import { parseArgs } from 'node:util';
import { cpus } from 'node:os';

export interface Arguments {
  /** Replay this one and print its trace. */
  readonly seed: number | undefined;
  readonly from: number;
  readonly seeds: number;
  readonly minutes: number;
  /** Only these acts, by name. */
  readonly acts: readonly string[] | undefined;
  readonly nodes: number | undefined;
  readonly size: number | undefined;
  readonly leaseMs: number | undefined;
  /** How many processes share the work. */
  readonly jobs: number;
  /** Stop at the first violation. */
  readonly first: boolean;
  readonly messages: boolean;
  readonly scale: boolean;
  /** Every node holds a store, and clients use it. */
  readonly store: boolean;
  /** ... and acts that combine faults, under checkers that make no allowances. */
  readonly strict: boolean;
  /** Folder of another build of the protocol, to be run in place of the one that ships. */
  readonly protocol: string | undefined;
}

export const USAGE = `npm run sim -- [options]
  --seeds N      how many seeds to run (default 200)
  --from K       the first of them (default 1)
  --seed S       replay one seed and print what happens
  --messages     ... with every message
  --store        with a store on every node, clients that use it, and checkers of its promises
  --strict       ... with acts that combine faults, and checkers that make no allowances
  --minutes M    virtual minutes per seed (default 10, with --store 3)
  --acts A,B     play these acts only
  --nodes N      this many nodes
  --size N       tell them that they are N, and not who votes
  --lease L      leases of L milliseconds
  --jobs J       processes (default: one per core)
  --first        stop at the first violation
  --protocol D   run the build of the protocol in folder D
  --scale        load and detection times of 10, 100 and 300 nodes, or of --nodes N (1,000 take four minutes, and 3 GB)`;

/** How long a run lasts when nobody says: one with stores does more in less time. */
export function minutesOf(withStore: boolean): number {
  return withStore ? 3 : 10;
}

/** Throws a `TypeError` that says which argument is wrong. */
export function readArguments(args: readonly string[]): Arguments {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: text,
      seeds: text,
      from: text,
      minutes: text,
      acts: text,
      jobs: text,
      nodes: text,
      size: text,
      lease: text,
      protocol: text,
      first: flag,
      messages: flag,
      scale: flag,
      store: flag,
      strict: flag,
    },
  });
  const maybe = (name: keyof typeof values): number | undefined => {
    if (values[name] === undefined) return undefined;
    const value = Number(values[name]);
    if (!(value >= 0) || (name !== 'minutes' && !Number.isSafeInteger(value)))
      throw new TypeError(`--${name} is no count: ${values[name]}`);
    return value;
  };
  return {
    seed: maybe('seed'),
    from: maybe('from') ?? 1,
    seeds: maybe('seeds') ?? 200,
    minutes: maybe('minutes') ?? minutesOf(values.store),
    nodes: maybe('nodes'),
    size: maybe('size'),
    leaseMs: maybe('lease'),
    jobs: Math.max(1, maybe('jobs') ?? cpus().length),
    acts: values.acts?.split(','),
    protocol: values.protocol,
    first: values.first,
    messages: values.messages,
    scale: values.scale,
    store: values.store,
    strict: values.strict,
  };
}
