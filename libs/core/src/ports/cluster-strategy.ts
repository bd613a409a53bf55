/**
 * Where other nodes may be found. A strategy only names contact points (D1): stale or partial lists are fine, and
 * membership decides who is there. Whatever it throws or returns, the node goes on (D3).
 */

/** `host:port` of a control plane. IPv6 hosts in brackets. */
export type ContactPoint = string;

export interface ClusterStrategy {
  /** Short, for logs and the label of `cluster_discovery_errors_total`. */
  readonly name: string;
  /**
   * The contact points known now. Called again and again, with backoff and jitter; must settle soon after `signal` aborts
   * (10 s by default). Own addresses may be in the list.
   */
  discover(signal: AbortSignal): Promise<readonly ContactPoint[]>;
  /**
   * Voters by node name or by `host:port`, when the deployment fixes them (L5). Asked once, at start. Without it the
   * cluster's `size` decides.
   */
  voters?(): readonly string[];
  /** How this node is called and reached, when the deployment fixes it; options say otherwise. Asked once, at start. */
  identity?(): { readonly name?: string; readonly host?: string };
  /** True when peers learn this node's port through the strategy, so that any free port will do. Default false. */
  readonly carriesPort?: boolean;
  /** Before the first `discover`, once the node listens. May throw: it is tried again. */
  start?(context: StrategyContext): Promise<void> | void;
  /** This node is leaving or stopping: neither answer nor announce from now on (D4). */
  stop?(): Promise<void> | void;
}

export interface StrategyContext {
  readonly cluster: string;
  /** Secrets of the cluster; the first seals, all open (W3). Empty without one. */
  readonly secrets: readonly string[];
  /** This node's name, incarnation and the address that it tells others. */
  readonly self: {
    readonly name: string;
    readonly incarnation: string;
    readonly host: string;
    readonly port: number;
  };
  /** Only loopback may be used, because the cluster has no secret (W2). */
  readonly loopbackOnly: boolean;
  /** Contact points that arrive by themselves, between two calls of `discover`. */
  found(contacts: readonly ContactPoint[]): void;
  /** Ask for `discover` to run now. */
  wake(): void;
  /** Something arrived that is not ours or not genuine; counted, and logged once per reason (W4). */
  rejected(reason: StrategyRejection, detail: string): void;
  /** Worth a line in the log although discovery goes on, such as a name that does not exist; told once per change. */
  note?(text: string): void;
}

export type StrategyRejection =
  'gossipForged' | 'gossipReplayed' | 'gossipInvalid' | 'gossipOtherCluster' | 'unknownKey';

/** Environment variables, as read at start. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting that cannot be used as it is; all of them are reported at once, at start. */
export interface OptionProblem {
  /** Its name as the user writes it, such as `gossip.port`. */
  readonly option: string;
  readonly value: unknown;
  /** What it must be, such as `a whole number from 1 to 65535`. */
  readonly rule: string;
  /** The variable that sets it, where there is one. */
  readonly variable?: string;
}

/** What the factories of the strategies return: settings, made into a strategy once the environment is known. */
export interface StrategyDefinition {
  readonly name: string;
  /** Everything that is wrong with the options and the environment; empty when `create` will work. */
  problems(env: Environment): readonly OptionProblem[];
  create(env: Environment): ClusterStrategy;
}
