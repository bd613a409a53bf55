/**
 * The processes of one cluster on the hosts of a network: whoever starts one through this ends it through this.
 */
import type { Recorder } from '../history/recorder.js';
import type { Profile } from '../history/records.js';
import { TOKEN } from '../clients/http.js';
import { now, until } from '../until.js';
import { Life } from './life.js';
import { ALL_OPEN, together, type LinkState } from './links.js';
import type { Network } from './network.js';

const CONTROL_PORT = 45_893;
const LISTENS_WITHIN_MS = 60_000;

export interface ClusterSettings {
  readonly profile: Profile;
  /** The program of a node. */
  readonly main: string;
  /** Logs, clocks and the history. */
  readonly folder: string;
  /** Settings of the nodes on top of the profile's. */
  readonly env?: Readonly<Record<string, string>>;
}

export class ChaosCluster {
  /** Who hears of each new process. */
  readonly watchers: ((life: Life) => void)[] = [];
  private readonly lives = new Map<number, Life>();
  private readonly counts = new Map<number, number>();
  private readonly troubles = new Map<symbol, LinkState>();
  private readonly secret = Math.random().toString(36).repeat(3);

  constructor(
    readonly network: Network,
    readonly settings: ClusterSettings,
    readonly recorder: Recorder,
  ) {
    this.change();
  }

  get hosts(): readonly number[] {
    return Array.from({ length: this.settings.profile.hosts }, (_, index) => index + 1);
  }

  get majority(): number {
    return Math.floor(this.settings.profile.hosts / 2) + 1;
  }

  /** Processes that run and were not told to end. */
  running(hosts: readonly number[] = this.hosts): Life[] {
    return hosts.flatMap((host) => {
      const life = this.lives.get(host);
      return life !== undefined && !life.isEnding ? [life] : [];
    });
  }

  on(host: number): Life | undefined {
    return this.running([host])[0];
  }

  /** Whether a process of this host is there, even one that is about to end. */
  isTaken(host: number): boolean {
    return this.lives.get(host)?.isRunning === true;
  }

  /** @param isRenamed under a name that nobody had before, as where the name holds a process id */
  start(host: number, isRenamed = false): Life {
    const count = (this.counts.get(host) ?? 0) + 1;
    this.counts.set(host, count);
    const name = isRenamed ? `n${host}-${count}@chaos` : `n${host}@chaos`;
    const life = new Life(
      {
        id: `${host}.${count}`,
        host,
        name,
        space: this.network.space(host),
        control: this.network.controlOf(host),
        env: this.environment(host),
        main: this.settings.main,
        folder: this.settings.folder,
      },
      this.recorder,
    );
    this.lives.set(host, life);
    for (const watcher of this.watchers) watcher(life);
    return life;
  }

  async listening(life: Life): Promise<void> {
    await until(`${life.id} listens`, LISTENS_WITHIN_MS, () => life.isListening || life.isEnding);
  }

  /** The old process is gone before the new one starts. */
  async restart(host: number, signal: 'SIGKILL' | 'SIGTERM', isRenamed = false): Promise<Life> {
    await this.lives.get(host)?.end(signal);
    // Somebody else may have been quicker.
    const life = this.on(host) ?? this.start(host, isRenamed);
    await this.listening(life);
    return life;
  }

  /** Something is wrong with the network until the returned function is called. */
  trouble(state: LinkState): () => void {
    const key = Symbol('trouble');
    this.troubles.set(key, state);
    this.change();
    return () => {
      if (this.troubles.delete(key)) this.change();
    };
  }

  mend(): void {
    this.troubles.clear();
    this.change();
  }

  async close(): Promise<void> {
    await Promise.all([...this.lives.values()].map((life) => life.end('SIGKILL')));
  }

  private change(): void {
    const state = this.troubles.size === 0 ? ALL_OPEN : together([...this.troubles.values()]);
    const t0 = now();
    this.network.apply(state);
    this.recorder.add({
      type: 'links',
      t0,
      t1: now(),
      cut: state.cut,
      lossy: state.lossy.map(([way]) => way),
    });
  }

  private environment(host: number): Record<string, string> {
    const { profile, env = {} } = this.settings;
    const address = this.network.addressOf(host);
    const named = {
      CLUSTER_STRATEGY: 'static',
      CLUSTER_HOSTS: this.hosts.map((other) => `${this.network.addressOf(other)}:${CONTROL_PORT}`).join(','),
      CLUSTER_ADVERTISE: address,
    };
    const found = { CLUSTER_STRATEGY: 'gossip', CLUSTER_GOSSIP_INTERFACE: 'eth0' };
    return {
      CLUSTER_NAME: 'chaos',
      CLUSTER_SECRET: this.secret,
      CLUSTER_BIND: address,
      CLUSTER_DISCOVERY_INTERVAL_MS: '1000',
      CLUSTER_MANAGEMENT_TOKEN: TOKEN,
      CLUSTER_RECOVERY: profile.recovery,
      CLUSTER_MINORITY: profile.minority,
      ...(profile.voters === 'named' ? named : found),
      ...(profile.voters === 'size' ? { CLUSTER_SIZE: String(profile.hosts) } : {}),
      ...env,
    };
  }
}
