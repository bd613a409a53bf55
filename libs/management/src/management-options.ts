/**
 * The settings of the management module: how it is reached, who may use it, and what it may do.
 */
import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { ClusterError } from '@nest-cluster/core';
import { AccessToken, faultOf } from './access/token.js';

/** What may come from a factory. */
export interface ManagementOptions {
  /**
   * What `Authorization: Bearer` must carry. `CLUSTER_MANAGEMENT_TOKEN`; when neither is given one is drawn at start and
   * logged, except in production, where the start is refused. `false`: the guards alone decide.
   */
  readonly token?: string | false;
  /**
   * Whether `DELETE …/nodes/:name?mode=halt` may end this node's application: `true` sends this process SIGTERM, which
   * `app.enableShutdownHooks()` turns into a shutdown; a function is called instead. Default false.
   */
  readonly allowHalt?: boolean | (() => unknown);
  /** Most clients that may follow the events at once; more are told 503. Default 1000. */
  readonly eventClientsMax?: number;
}

/** What decides over routes, and so must be known before any factory runs. */
export interface ManagementRoutes extends Pick<ModuleMetadata, 'imports'> {
  /** First part of all routes, behind the application's global prefix. Default `cluster`. */
  readonly path?: string;
  /** Guards of the application's own, as instances or as classes for Nest to build; asked after the token, in this order. */
  readonly guards?: readonly (CanActivate | Type<CanActivate>)[];
}

export interface ResolvedManagement {
  /** Without slashes around it. */
  readonly path: string;
  /** Undefined: guards alone decide. */
  readonly token: AccessToken | undefined;
  /** The token was drawn at this start, so that somebody must be told. */
  readonly isDrawn: boolean;
  readonly halt: (() => unknown) | undefined;
  readonly eventClientsMax: number;
}

export const MANAGEMENT_ROUTES = Symbol('MANAGEMENT_ROUTES');
export const RESOLVED_MANAGEMENT = Symbol('RESOLVED_MANAGEMENT');

export const DEFAULT_PATH = 'cluster';
const EVENT_CLIENTS_MAX = 1_000;

export function resolveManagement(
  options: ManagementOptions,
  routes: ManagementRoutes,
  env: NodeJS.ProcessEnv,
): ResolvedManagement {
  const given = options.token ?? env['CLUSTER_MANAGEMENT_TOKEN'];
  if (given === false && (routes.guards ?? []).length === 0)
    throw invalid('token is false and there are no guards: everybody could steer the cluster');
  if (given === undefined && env['NODE_ENV'] === 'production')
    throw invalid(
      'in production a token must be set: `token`, CLUSTER_MANAGEMENT_TOKEN, or `token: false` with guards',
    );
  const eventClientsMax = options.eventClientsMax ?? EVENT_CLIENTS_MAX;
  if (!Number.isInteger(eventClientsMax) || eventClientsMax < 0)
    throw invalid(`eventClientsMax is ${eventClientsMax}, must be a whole number from 0`);
  return {
    path: cleanPath(routes.path ?? DEFAULT_PATH),
    token: given === false ? undefined : tokenOf(given),
    isDrawn: given === undefined,
    halt: haltOf(options.allowHalt ?? false),
    eventClientsMax,
  };
}

/** What is wrong with it is said without showing it. */
function tokenOf(given: unknown): AccessToken {
  if (given === undefined) return AccessToken.draw();
  if (typeof given !== 'string') throw invalid('token is no text');
  const fault = faultOf(given);
  if (fault !== undefined) throw invalid(`token (CLUSTER_MANAGEMENT_TOKEN) ${fault}`);
  return new AccessToken(given);
}

/** Slashes at both ends do not matter. */
export function cleanPath(path: string): string {
  const clean = path.replace(/^\/+|\/+$/g, '');
  if (!/^[\w.~-]+(\/[\w.~-]+)*$/.test(clean))
    throw invalid(`path is ${JSON.stringify(path)}, must be path segments of letters, digits, - . _ ~`);
  return clean;
}

function haltOf(allowed: boolean | (() => unknown)): (() => unknown) | undefined {
  if (typeof allowed === 'function') return allowed;
  return allowed ? () => process.kill(process.pid, 'SIGTERM') : undefined;
}

function invalid(what: string): ClusterError {
  return new ClusterError('CLUSTER_OPTIONS_INVALID', `ClusterManagementModule: ${what}`);
}
