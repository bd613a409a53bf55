/**
 * The latest view of every node. It is asked for only while somebody looks, once for all who look at the same time, and no
 * more often than a cluster of this size can bear; who looks gets what is known after a short wait, and never waits for a
 * node that does not answer.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Cluster, monotonicMs, wallMs } from '@nest-cluster/core';
import { NodeLine } from './node-line.js';
import { readView, type NodeView } from './node-view.js';
import { OwnView } from './own-view.js';

/** Views younger than this are not asked for again, in milliseconds; with many nodes, some per node. */
const FRESH_MS = 400;
const FRESH_MS_PER_NODE = 10;
/** How long a reader waits for the answers of a round, in milliseconds. */
const WAIT_MS = 150;

export interface NotedView extends NodeView {
  /** Wall clock of this node when it got the answer, in milliseconds. */
  readonly at: number;
}

@Injectable()
export class ViewBook {
  /** By incarnation. */
  private readonly views = new Map<string, NotedView>();
  private round: Promise<void> | undefined;
  private askedAt = -Infinity;

  constructor(
    @Inject(Cluster) private readonly cluster: Cluster,
    @Inject(NodeLine) private readonly line: NodeLine,
    @Inject(OwnView) private readonly own: OwnView,
  ) {}

  /** By incarnation; nodes that never answered are missing. */
  async latest(): Promise<ReadonlyMap<string, NotedView>> {
    if (!this.cluster.isStarted) return this.views;
    const freshMs = Math.max(FRESH_MS, FRESH_MS_PER_NODE * this.cluster.size.current);
    if (this.round === undefined && monotonicMs() - this.askedAt >= freshMs) this.begin();
    const { self } = this.cluster;
    const [own] = await Promise.all([this.own.view(), this.waitForRound()]);
    this.views.set(self.incarnation, { ...own, at: wallMs() });
    return this.views;
  }

  private begin(): void {
    this.askedAt = monotonicMs();
    this.forget();
    const others = this.cluster.nodes.filter(
      ({ self, status }) => !self && status !== 'down' && status !== 'left',
    );
    const answers = others.map(async ({ name, incarnation }) => {
      const view = readView(await this.line.ask(name, 'view'));
      if (view !== undefined) this.views.set(incarnation, { ...view, at: wallMs() });
    });
    // A node that does not answer keeps the view that it gave last, with its age.
    this.round = Promise.allSettled(answers).then(() => (this.round = undefined));
  }

  private async waitForRound(): Promise<void> {
    if (this.round === undefined) return;
    const left = this.askedAt + WAIT_MS - monotonicMs();
    if (left <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, left)));
    await Promise.race([this.round, patience]);
    clearTimeout(timer);
  }

  private forget(): void {
    const present = new Set(this.cluster.nodes.map(({ incarnation }) => incarnation));
    for (const incarnation of this.views.keys())
      if (!present.has(incarnation)) this.views.delete(incarnation);
  }
}
