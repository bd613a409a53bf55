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
  /** How many processes share the work. */
  readonly jobs: number;
  /** Stop at the first violation. */
  readonly first: boolean;
  readonly messages: boolean;
  readonly scale: boolean;
  /** Folder of another build of the protocol, to be run in place of the one that ships. */
  readonly protocol: string | undefined;
}

export const USAGE = `npm run sim -- [options]
  --seeds N      how many seeds to run (default 200)
  --from K       the first of them (default 1)
  --seed S       replay one seed and print what happens
  --messages     ... with every message
  --minutes M    virtual minutes per seed (default 10)
  --acts A,B     play these acts only
  --jobs J       processes (default: one per core)
  --first        stop at the first violation
  --protocol D   run the build of the protocol in folder D
  --scale        load and detection times of 10, 100 and 1,000 nodes`;

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
      protocol: text,
      first: flag,
      messages: flag,
      scale: flag,
    },
  });
  const count = (name: 'seed' | 'seeds' | 'from' | 'minutes' | 'jobs', otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (!(value >= 0) || (name !== 'minutes' && !Number.isSafeInteger(value)))
      throw new TypeError(`--${name} is no count: ${values[name]}`);
    return value;
  };
  return {
    seed: values.seed === undefined ? undefined : count('seed', 0),
    from: count('from', 1),
    seeds: count('seeds', 200),
    minutes: count('minutes', 10),
    jobs: Math.max(1, count('jobs', cpus().length)),
    acts: values.acts?.split(','),
    protocol: values.protocol,
    first: values.first,
    messages: values.messages,
    scale: values.scale,
  };
}
