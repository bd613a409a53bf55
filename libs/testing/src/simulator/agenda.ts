/**
 * Virtual time: jobs in order of their time, and of their making where times are equal, so that a seed replays a run
 * exactly. A binary heap over typed arrays, because a run of ten minutes handles some hundred thousand jobs.
 */
export type Job = () => void;

export class Agenda {
  /** True time in milliseconds since the run began. */
  now = 0;
  private times = new Float64Array(1_024);
  private orders = new Uint32Array(1_024);
  private readonly jobs: Job[] = [];
  private length = 0;
  private made = 0;

  /** Runs `job` at `time`, or now when that has passed. */
  at(time: number, job: Job): void {
    if (this.length === this.times.length) this.grow();
    this.rise(this.length++, Math.max(time, this.now), this.made++, job);
  }

  in(ms: number, job: Job): void {
    this.at(this.now + ms, job);
  }

  /** Runs what is due until `end`, or until `stopped` says so; ends with `now` at `end`. */
  run(end: number, stopped: () => boolean): void {
    while (this.length > 0 && (this.times[0] ?? end) <= end && !stopped()) {
      const job = this.jobs[0];
      this.now = this.times[0] ?? this.now;
      this.removeFirst();
      job?.();
    }
    if (!stopped()) this.now = end;
  }

  private rise(start: number, time: number, order: number, job: Job): void {
    let place = start;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.isLater(parent, time, order)) break;
      this.move(parent, place);
      place = parent;
    }
    this.put(place, time, order, job);
  }

  private removeFirst(): void {
    const last = --this.length;
    const time = this.times[last] ?? 0;
    const order = this.orders[last] ?? 0;
    const job = this.jobs.pop();
    if (last === 0 || !job) return;
    let place = 0;
    for (let child = 1; child < last; child = 2 * place + 1) {
      const right = child + 1;
      if (right < last && this.isLater(child, this.times[right] ?? 0, this.orders[right] ?? 0)) child = right;
      if (this.isLater(child, time, order)) break;
      this.move(child, place);
      place = child;
    }
    this.put(place, time, order, job);
  }

  /** Whether what stands at `place` comes after this time and order. */
  private isLater(place: number, time: number, order: number): boolean {
    const other = this.times[place] ?? 0;
    return other > time || (other === time && (this.orders[place] ?? 0) > order);
  }

  private move(from: number, to: number): void {
    this.put(to, this.times[from] ?? 0, this.orders[from] ?? 0, this.jobs[from] as Job);
  }

  private put(place: number, time: number, order: number, job: Job): void {
    this.times[place] = time;
    this.orders[place] = order;
    this.jobs[place] = job;
  }

  private grow(): void {
    const times = new Float64Array(this.length * 2);
    const orders = new Uint32Array(this.length * 2);
    times.set(this.times);
    orders.set(this.orders);
    this.times = times;
    this.orders = orders;
  }
}
