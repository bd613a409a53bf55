/**
 * What the server holds objects to before it stores them.
 */
import { Refusal } from './refusal.js';

const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;
/** Names of leases, pods and endpoint slices are DNS subdomains. */
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME_LENGTH_MAX = 253;

export function kindOf(collection: string): string {
  return collection.split('/').at(-1) ?? '';
}

export function isLease(collection: string): boolean {
  return kindOf(collection) === 'leases';
}

export function checkName(name: unknown): string {
  if (typeof name === 'string' && name.length <= NAME_LENGTH_MAX && NAME.test(name)) return name;
  throw new Refusal(422, 'Invalid', `metadata.name: Invalid value: ${JSON.stringify(name)}`);
}

export function checkLease(body: Readonly<Record<string, unknown>>): void {
  const spec = (body['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  for (const field of ['renewTime', 'acquireTime']) checkTime(spec[field]);
  checkInteger('leaseDurationSeconds', spec['leaseDurationSeconds'], 1, 'must be greater than 0');
  checkInteger('leaseTransitions', spec['leaseTransitions'], 0, 'must not be negative');
}

function checkTime(time: unknown): void {
  if (time === undefined || time === null || (typeof time === 'string' && MICRO_TIME.test(time))) return;
  const said = `parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05.000000Z07:00"`;
  throw new Refusal(400, 'BadRequest', `Lease in version "v1" cannot be handled as a Lease: ${said}`);
}

function checkInteger(field: string, value: unknown, min: number, rule: string): void {
  if (value === undefined || value === null || (Number.isInteger(value) && Number(value) >= min)) return;
  throw new Refusal(422, 'Invalid', `spec.${field}: Invalid value: ${JSON.stringify(value)}: ${rule}`);
}
