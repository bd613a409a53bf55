/**
 * Who this node is (T1): the name it was given, and an incarnation that is drawn anew for every life.
 */
import { randomBytes, randomInt } from 'node:crypto';
import {
  seededRandom,
  type Address,
  type Incarnation,
  type NodeInfo,
  type NodeName,
  type Random,
} from '@nest-cluster/protocol';
import { wallMs } from '../ports/clock.js';
import { contactPoint, parseContactPoint } from '../ports/contact-point.js';
import type { ControlPlaneConfig } from './config.js';

const INCARNATION_BYTES = 16;

/** Candidates stand one after the other: nobody waits for a node that never stands (L6). */
const BEHIND_ALL = Number.MIN_SAFE_INTEGER;

/** A new life of this node, found at `port` unless its configuration tells peers otherwise. */
export function drawIdentity(config: ControlPlaneConfig, port: number): NodeInfo {
  return {
    name: config.name as NodeName,
    incarnation: randomBytes(INCARNATION_BYTES).toString('hex') as Incarnation,
    address: toldAddress(config.advertise ?? config.host, port),
    dataPort: config.dataPort,
    startedAt: wallMs(),
    priority: config.leadership.candidate ? config.priority : BEHIND_ALL,
  };
}

export function drawRandom(): Random {
  return seededRandom(randomInt(2 ** 32));
}

function toldAddress(advertised: string, port: number): Address {
  const told = parseContactPoint(advertised, port);
  return contactPoint(told?.host ?? advertised, told?.port ?? port) as Address;
}
