/**
 * Metrics that read their value when they are scraped. Counters of the cluster are totals kept elsewhere, so that they are
 * set and not incremented here.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;
/** A value, or one for each combination of labels. */
export type Reading = number | readonly (readonly [labels: Labels, value: number])[];

export interface Description<Value> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  /** Called at each scrape. */
  readonly read: () => Value | Promise<Value>;
}

export class Meters {
  private readonly names: string[] = [];

  constructor(private readonly registry: Registry) {}

  gauge({ name, help, labelNames = [], read }: Description<Reading>): void {
    this.names.push(name);
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect: async () => {
        for (const [labels, value] of entriesOf(await read())) gauge.set(labels, value);
      },
    });
  }

  /** `read` gives totals; a total that became smaller began anew, which Prometheus understands. */
  counter({ name, help, labelNames = [], read }: Description<Reading>): void {
    this.names.push(name);
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect: async () => {
        const entries = entriesOf(await read());
        counter.reset();
        for (const [labels, value] of entries) counter.inc(labels, value);
      },
    });
  }

  /** `read` gives what was observed since the last scrape. */
  histogram({
    name,
    help,
    buckets,
    read,
  }: Description<readonly number[]> & { readonly buckets: number[] }): void {
    this.names.push(name);
    const histogram: Histogram = new Histogram({
      name,
      help,
      buckets,
      registers: [this.registry],
      collect: async () => {
        for (const value of await read()) histogram.observe(value);
      },
    });
  }

  remove(): void {
    for (const name of this.names) this.registry.removeSingleMetric(name);
  }
}

function entriesOf(reading: Reading): readonly (readonly [Labels, number])[] {
  return typeof reading === 'number' ? [[{}, reading]] : reading;
}
