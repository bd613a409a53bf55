/**
 * The configuration that requests go by, read anew when it may be outdated: credentials are rotated, and a kubeconfig gets
 * another address or authority while the application runs.
 */
import type { KubeConfig } from '@kubernetes/client-node';
import type { LoadKubeConfig } from './kube-access.js';
import type { Surroundings } from './surroundings.js';

/** While the server does not answer, the configuration is read no more often than once in so many milliseconds. */
const RELOAD_MS = 2_000;

export class CurrentConfig {
  private config: Promise<KubeConfig> | undefined;
  /** Used when the configuration cannot be read anew. */
  private last: KubeConfig | undefined;
  private readAt = 0;

  constructor(
    private readonly load: LoadKubeConfig,
    private readonly surroundings: Pick<Surroundings, 'clocks'>,
  ) {}

  get(): Promise<KubeConfig> {
    this.config ??= this.read();
    return this.config;
  }

  /** The server does not accept the credentials: they are read at the next request, or that fails. */
  refused(): void {
    this.config = undefined;
    this.last = undefined;
  }

  /** There was no answer: the address may be another by now. Whoever cannot read it goes on with what was known. */
  unanswered(): void {
    if (this.surroundings.clocks().mono - this.readAt >= RELOAD_MS) this.config = undefined;
  }

  private async read(): Promise<KubeConfig> {
    const { last } = this;
    this.readAt = this.surroundings.clocks().mono;
    try {
      this.last = await this.load();
      return this.last;
    } catch (error) {
      if (last) return last;
      this.config = undefined;
      throw error;
    }
  }
}
