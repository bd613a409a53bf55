/**
 * What Nest's injector finds under a symbol rather than a class.
 */

/** The options as they were given, before they are checked. */
export const CLUSTER_OPTIONS = Symbol('CLUSTER_OPTIONS');
/** `ResolvedOptions`: every setting decided. */
export const RESOLVED_OPTIONS = Symbol('RESOLVED_OPTIONS');
/** Told of every instance with handlers of cluster events that Nest builds. */
export const HANDLER_INSTANCES = Symbol('HANDLER_INSTANCES');
/** What makes the data plane; replaced in tests. */
export const CREATE_DATA_PLANE = Symbol('CREATE_DATA_PLANE');
/** What makes the control plane; replaced in tests. */
export const CREATE_CONTROL_PLANE = Symbol('CREATE_CONTROL_PLANE');
