/**
 * What a fault acts on.
 */
import { glance } from '../clients/look.js';
import type { ChaosCluster } from '../lab/cluster.js';
import type { Life } from '../lab/life.js';
import { between, type LinkState } from '../lab/links.js';
import { within } from '../until.js';

const READY_WITHIN_MS = 20_000;

export class Stage {
  isOver = false;

  constructor(readonly cluster: ChaosCluster) {}

  get hosts(): readonly number[] {
    return this.cluster.hosts;
  }

  /** No packet passes between these groups. */
  cut(...groups: readonly (readonly number[])[]): () => void {
    return this.cluster.trouble({ cut: between(...groups), lossy: [] });
  }

  trouble(state: LinkState): () => void {
    return this.cluster.trouble(state);
  }

  /** The host that most nodes hold to lead. */
  async leader(): Promise<number | undefined> {
    const seen = await Promise.all(this.cluster.running().map(glance));
    const led = seen.flatMap((one) => (one === undefined || one.leader === '' ? [] : [one.leader]));
    const votes = new Map<string, number>();
    for (const name of led) votes.set(name, (votes.get(name) ?? 0) + 1);
    const [first] = [...votes].sort(([, one], [, other]) => other - one);
    return this.cluster.running().find(({ name }) => name === first?.[0])?.host;
  }

  /** What a rolling restart waits for before it goes on; false when it did not come. */
  async ready(life: Life): Promise<boolean> {
    const done = await within(READY_WITHIN_MS, async () => {
      if (this.isOver || life.isEnding) return true;
      const seen = await glance(life);
      return seen !== undefined && seen.isReady && seen.inSync === seen.replicas;
    });
    return done === true;
  }
}
