/**
 * The hands of a scenario: a cluster that it moves step by step, waiting for what each step is for.
 */
import { call, fieldOf, textOf } from '../clients/http.js';
import { glance, keysOf, type PartitionGlance } from '../clients/look.js';
import { choose, type Decision } from '../clients/operator.js';
import { KEYS, type Users } from '../clients/users.js';
import type { Violation } from '../history/history.js';
import type { Recorder } from '../history/recorder.js';
import type { Ack } from '../history/records.js';
import type { ChaosCluster } from '../lab/cluster.js';
import type { Life } from '../lab/life.js';
import { between } from '../lab/links.js';
import { hold, until } from '../until.js';

const PATIENCE_MS = 60_000;
const AT_ONCE = 16;
/** What the demo's own call for many keys writes. */
const FILLED = 'k/';

export class Play {
  readonly broken: Violation[] = [];

  constructor(
    readonly cluster: ChaosCluster,
    readonly users: Users,
    readonly recorder: Recorder,
    readonly tell: (line: string) => void,
    /** From 1: where chance has a say a scenario is played more than once. */
    readonly attempt: number,
  ) {}

  life(host: number): Life {
    const life = this.cluster.on(host);
    if (life === undefined) throw new Error(`no process on host ${host}`);
    return life;
  }

  name(host: number): string {
    return this.life(host).name;
  }

  step(what: string): void {
    this.tell(`  ${what}`);
  }

  /** No packet passes between the groups until the returned function is called. */
  cut(...groups: readonly (readonly number[])[]): () => void {
    this.step(`cut ${groups.map((group) => `{${group.join()}}`).join(' | ')}`);
    return this.cluster.trouble({ cut: between(...groups), lossy: [] });
  }

  /** Each group sees itself and nobody else. */
  async apart(...groups: readonly (readonly number[])[]): Promise<void> {
    for (const group of groups)
      for (const host of group)
        await until(`host ${host} sees ${group.length}`, PATIENCE_MS, async () => {
          const { body } = await call(this.life(host), '/demo/status');
          const nodes = (fieldOf(body, 'nodes') ?? []) as { status: string }[];
          return nodes.filter(({ status }) => status !== 'down' && status !== 'left').length === group.length;
        });
  }

  /** These have found each other, have the store, and the same one. */
  async inSync(...hosts: readonly number[]): Promise<void> {
    for (const host of hosts)
      await until(`host ${host} is in sync with ${hosts.length - 1}`, PATIENCE_MS, async () => {
        const seen = await glance(this.life(host));
        return seen?.isReady === true && seen.replicas === hosts.length - 1 && seen.inSync === seen.replicas;
      });
  }

  async write(host: number, key: string, ack: Ack = 'quorum'): Promise<void> {
    const { outcome, code } = await this.users.write('scenario', this.life(host), `${KEYS}${key}`, ack);
    this.step(`write ${key} on ${host} (${ack}): ${outcome} ${code}`);
  }

  async delete(host: number, key: string, ack: Ack = 'quorum'): Promise<void> {
    const { outcome, code } = await this.users.delete('scenario', this.life(host), `${KEYS}${key}`, ack);
    this.step(`delete ${key} on ${host} (${ack}): ${outcome} ${code}`);
  }

  async writeMany(host: number, prefix: string, count: number, ack: Ack): Promise<void> {
    const left = Array.from({ length: count }, (_, index) => `${KEYS}${prefix}-${index}`);
    const work = async () => {
      for (let key = left.pop(); key !== undefined; key = left.pop())
        await this.users.write('scenario', this.life(host), key, ack);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    this.step(`${count} keys written on ${host} (${ack})`);
  }

  /** Keys that no history speaks of, so that a copy takes its time; `expectFilled` counts them. */
  async fill(host: number, count: number): Promise<void> {
    await call(this.life(host), `/demo/fill?keys=${count}`, { method: 'POST' });
    this.step(`${count} keys filled in on ${host}`);
  }

  /** Every node that is ready has all that was filled in. */
  async expectFilled(rule: string, count: number): Promise<void> {
    for (const life of this.cluster.running()) {
      const seen = await glance(life);
      if (seen?.isReady !== true) continue;
      const keys = await keysOf(life, FILLED);
      this.step(`${life.id} is ready and has ${keys?.length ?? 'no answer for'} of ${count} keys`);
      if (keys !== undefined && keys.length < count)
        this.broken.push({ rule, what: `${life.id} is ready with ${keys.length} of ${count} keys` });
    }
  }

  async expectAbsent(rule: string, host: number, key: string): Promise<void> {
    const { value } = await this.users.read('scenario', this.life(host), `${KEYS}${key}`);
    if (value !== null) this.broken.push({ rule, what: `host ${host} shows ${key}, which nobody let in` });
  }

  async restart(host: number, isRenamed = false): Promise<Life> {
    this.step(`restart ${host}`);
    return this.cluster.restart(host, 'SIGTERM', isRenamed);
  }

  async kill(host: number): Promise<void> {
    this.step(`kill ${host}`);
    await this.life(host).end('SIGKILL');
  }

  async hold(ms: number): Promise<void> {
    await hold(ms);
  }

  /** The partition that this node shows as waiting, with these hosts on its sides; any when none are named. */
  waiting(host: number, ...hosts: readonly number[]): Promise<PartitionGlance> {
    return until(`a partition waits on host ${host}`, PATIENCE_MS, async () =>
      (await this.partitions(host)).find(({ sides }) =>
        hosts.every((other) => sides.flat().includes(this.name(other))),
      ),
    );
  }

  async partitions(host: number): Promise<PartitionGlance[]> {
    const seen = await glance(this.life(host));
    return (seen?.partitions ?? []).filter(({ state }) => state === 'waiting');
  }

  async choose(host: number, partition: PartitionGlance, decision: Decision): Promise<number> {
    const status = await choose(this.life(host), partition, decision, this.recorder);
    this.step(`${host} is told ${decision.choose} ${decision.side ?? ''}: ${status}`);
    return status;
  }

  async isReady(host: number): Promise<boolean> {
    return (await glance(this.life(host)))?.isReady === true;
  }

  async leader(): Promise<number> {
    return until('there is a leader', PATIENCE_MS, async () => {
      for (const life of this.cluster.running()) {
        const { status } = await call(life, '/cluster/leader/readiness');
        if (status === 200) return life.host;
      }
      return undefined;
    });
  }

  async leaderSeenBy(host: number): Promise<string> {
    const { body } = await call(this.life(host), '/demo/status');
    return textOf(fieldOf(body, 'leader'), 'node');
  }
}
