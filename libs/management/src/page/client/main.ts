/**
 * The page: asks its node for the cluster again and again, at once when something happened, and draws what it hears.
 */
import { Api, CallError, messageOf } from './api.js';
import { ask, askToken } from './dialog.js';
import { part } from './dom.js';
import { EventLog } from './event-log.js';
import { EventSourceOverFetch } from './event-source.js';
import { clock } from './format.js';
import { withNews } from './news.js';
import { NodeList } from './node-list.js';
import { drawConnection, drawOverview } from './overview.js';
import { PartitionList } from './partition-list.js';
import { drawPicture } from './picture.js';
import { Session } from './session.js';
import { StoreBrowser } from './store-browser.js';
import { attempt } from './toast.js';
import type { ClusterAnswer, ToldEvent } from './types.js';

/** How often the cluster is asked for, in milliseconds; more seldom with many nodes, and when nobody looks. */
const ASK_MS = 1_000;
const ASK_MS_PER_NODE = 15;
const ASK_HIDDEN_MS = 10_000;
/** How often the traffic of the chosen node is asked for, in rounds. */
const TRAFFIC_ROUNDS = 3;

class Page {
  private readonly session = new Session();
  private readonly api = new Api(this.session);
  private readonly log = new EventLog();
  private readonly nodes = new NodeList(this.api, () => this.askNow());
  private readonly store = new StoreBrowser(this.api);
  private readonly partitions = new PartitionList(this.api, () => this.askNow());
  private cluster: ClusterAnswer | undefined;
  private lostAt: number | undefined;
  private timer: number | undefined;
  private isAsking = false;
  private mustAskAgain = false;
  /** The keys are read anew once it is known whether the node has them. */
  private mustReadKeys = false;
  private rounds = 0;

  start(): void {
    for (const mode of ['automatic', 'manual'])
      part(`recovery-${mode}`).addEventListener('click', () => void this.setRecovery(mode));
    part('step-down').addEventListener('click', () => void this.stepDown());
    document.addEventListener('visibilitychange', () => this.askNow());
    const events = new EventSourceOverFetch(this.api, {
      told: (event) => this.told(event),
      begun: () => this.readAgain(),
      reset: () => this.readAnew(),
    });
    void this.ask().then(() => events.follow());
  }

  /** Soon, and once for everything that happens meanwhile. */
  private askNow(): void {
    if (this.isAsking) this.mustAskAgain = true;
    else void this.ask();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.isAsking = true;
    this.mustAskAgain = false;
    try {
      this.heard(await this.api.cluster());
    } catch (error) {
      await this.failed(error);
    }
    this.isAsking = false;
    const pause = document.hidden
      ? ASK_HIDDEN_MS
      : ASK_MS + ASK_MS_PER_NODE * (this.cluster?.nodes.length ?? 0);
    this.timer = setTimeout(() => void this.ask(), this.mustAskAgain ? 50 : pause);
  }

  private heard(cluster: ClusterAnswer): void {
    this.noticeReturn(cluster);
    this.cluster = cluster;
    drawConnection('live', true);
    this.draw();
    if (this.mustReadKeys) void this.store.load();
    this.mustReadKeys = false;
    if (this.rounds++ % TRAFFIC_ROUNDS === 0) void this.nodes.look();
  }

  private async failed(error: unknown): Promise<void> {
    if (error instanceof CallError && error.status === 401) {
      const isFirst = this.session.token === undefined;
      this.session.keep(
        await askToken(
          isFirst ? 'This page needs the management token.' : 'This token is not the right one.',
        ),
      );
      this.mustAskAgain = true;
      return;
    }
    this.lostAt ??= Date.now();
    const node = this.cluster?.self ?? 'the node';
    drawConnection(
      `${node} does not answer since ${clock(this.lostAt)}: ${messageOf(error)}. Trying again…`,
      false,
    );
  }

  /** The node that served this page was gone, and is back: as it was, or anew. */
  private noticeReturn(cluster: ClusterAnswer): void {
    if (this.lostAt === undefined || this.cluster === undefined) {
      this.lostAt = undefined;
      return;
    }
    const lives = (of: ClusterAnswer) => of.nodes.find(({ self }) => self)?.incarnation;
    const how = lives(cluster) === lives(this.cluster) ? 'answers again' : 'was restarted, and answers again';
    this.log.note(`${cluster.self} ${how}; it was silent since ${clock(this.lostAt)}`);
    this.lostAt = undefined;
    this.mustReadKeys = true;
  }

  private told(event: ToldEvent): void {
    this.log.told(event);
    if (event.type === 'storeWritten' || event.type === 'storeDeleted') return this.store.told(event);
    if (this.cluster !== undefined) this.cluster = withNews(this.cluster, event);
    this.draw();
    this.askNow();
  }

  private readAnew(): void {
    this.log.note('some events were missed; everything was read anew');
    this.readAgain();
  }

  private readAgain(): void {
    this.mustReadKeys = true;
    this.askNow();
  }

  private draw(): void {
    const { cluster, nodes } = this;
    if (cluster === undefined) return;
    const now = Date.now();
    drawOverview(cluster, now);
    nodes.draw(cluster, now);
    drawPicture(cluster, now, {
      chosen: nodes.chosen,
      choose: (name) => nodes.choose(name),
      traffic: nodes.traffic,
    });
    this.store.setReady(cluster.store.ready);
    this.partitions.draw(cluster.partitions);
  }

  private async setRecovery(mode: string): Promise<void> {
    if (mode === this.cluster?.recovery) return;
    const waits = this.cluster?.partitions.some(({ state }) => state === 'waiting') ?? false;
    const question = {
      title: 'Switch to automatic recovery?',
      text: ['The partition that waits for a choice is merged at once.'],
      confirm: 'Switch and merge',
    };
    if (mode === 'automatic' && waits && !(await ask(question))) return;
    await attempt(`recovery is ${mode}, on every node`, () => this.api.recovery(mode));
    this.askNow();
  }

  private async stepDown(): Promise<void> {
    const leader = this.cluster?.leader;
    if (!leader) return;
    const text = [
      `${leader.node} stops leading as soon as its work has ended, and an election follows. It may be elected again.`,
    ];
    if (!(await ask({ title: `Let ${leader.node} step down?`, text, confirm: 'Step down' }))) return;
    await attempt(`${leader.node} was told to step down`, () => this.api.stepDown());
    this.askNow();
  }
}

new Page().start();
