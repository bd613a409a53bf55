/**
 * What Nest's injector finds under a symbol rather than a class.
 */

/** The options as they were given, before they are checked. A test overrides this provider to set other ones. */
export const CLUSTER_OPTIONS = Symbol('CLUSTER_OPTIONS');
/** `ResolvedOptions`: every setting decided. */
export const RESOLVED_OPTIONS = Symbol('RESOLVED_OPTIONS');
/** Told of every instance with handlers of cluster events that Nest builds. */
export const HANDLER_INSTANCES = Symbol('HANDLER_INSTANCES');
/** What makes the data plane; replaced in tests. */
export const CREATE_DATA_PLANE = Symbol('CREATE_DATA_PLANE');
/** What makes the control plane; replaced in tests. */
export const CREATE_CONTROL_PLANE = Symbol('CREATE_CONTROL_PLANE');

/**
 * The node's own parts. The public providers are other names of them, so that a test which puts a mock in the place of one
 * (`overrideProvider(ClusterStore)`) takes nothing away from the node.
 */
export const OWN_CLUSTER = Symbol('OWN_CLUSTER');
export const OWN_EVENTS = Symbol('OWN_EVENTS');
export const OWN_DISCOVERY = Symbol('OWN_DISCOVERY');
export const OWN_LEADERSHIP = Symbol('OWN_LEADERSHIP');
export const OWN_STORE = Symbol('OWN_STORE');
