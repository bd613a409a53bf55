/**
 * What can go wrong, one function each. Every fault tells the world, so that no promise for calm times is held against it.
 */
import type { Weather } from './conditions.js';
import type { Process } from './process.js';
import { nameOf } from './settings.js';
import type { World } from './world.js';

/** For how long a shutdown waits for leader work, and then for the next leader, in milliseconds. */
const WORK_PATIENCE_MS = 1_000;
const SUCCESSOR_PATIENCE_MS = 200;

/** The process is killed; its kernel lives on and says so. */
export function crash(world: World, process: Process): void {
  world.end(process, 'crashed');
}

/** Power or network of the host is gone for good: silence. */
export function loseHost(world: World, process: Process): void {
  process.host.lost = true;
  world.end(process, 'hostLost');
}

/** SIGSTOP, and SIGCONT after `ms`. */
export function pause(world: World, process: Process, ms: number): void {
  if (process.ended || process.halted) return;
  process.pause();
  world.disturbed(`${process.info.name} is paused for ${Math.round(ms)} ms`);
  world.agenda.in(ms, () => resume(world, process));
}

export function resume(world: World, process: Process): void {
  if (process.ended || !process.paused) return;
  world.disturbed(`${process.info.name} goes on`);
  process.goOn();
}

/** The machine sleeps: its monotonic clock stands still, its wall clock does not. */
export function suspend(world: World, process: Process, ms: number): void {
  const { host } = process;
  if (process.ended || process.halted) return;
  process.haltedAt = Number.POSITIVE_INFINITY;
  host.suspend();
  world.disturbed(`${host.name} is suspended for ${Math.round(ms)} ms`);
  world.agenda.in(ms, () => wake(world, process));
}

export function wake(world: World, process: Process): void {
  const { host } = process;
  if (!host.suspended) return;
  host.resume();
  world.disturbed(`${host.name} wakes`);
  for (const other of world.running) if (other.host === host) other.goOn();
}

/** Somebody sets the wall clock. */
export function jump(world: World, process: Process, ms: number): void {
  process.host.wallOffset += ms;
  world.disturbed(`the wall clock of ${process.host.name} jumps by ${Math.round(ms)} ms`);
  world.checkers.mayLead(process);
}

export function block(world: World, process: Process, ms: number): void {
  process.main.block(ms);
  world.disturbed(`the main thread of ${process.info.name} is blocked for ${Math.round(ms)} ms`);
}

export function stepDown(world: World, process: Process): void {
  process.main.run(() => {
    if (process.ended) return;
    world.trace?.fault(world.agenda.now, `${process.info.name} is asked to step down`);
    world.checkers.askedToStepDown(process);
    process.handle({ type: 'stepDown' });
  });
}

/** A shutdown as an application goes through it: leader work first, the next leader, then the goodbye, then the end. */
export function leave(world: World, process: Process): void {
  if (process.ended || process.leaving) return;
  process.leaving = true;
  world.disturbed(`${process.info.name} shuts down`);
  const led = process.isLeader();
  stepDown(world, process);
  const latest = world.agenda.now + WORK_PATIENCE_MS;
  const isWorking = (): boolean => process.main.working !== undefined && world.agenda.now < latest;
  const inTurn = (ms: number, job: () => void): void =>
    world.agenda.in(ms, () => {
      if (process.ended) return;
      if (process.halted) inTurn(50, job);
      else process.main.run(job);
    });
  let handsOverUntil = led ? Number.POSITIVE_INFINITY : 0;
  const goodbye = (): void => {
    if (isWorking()) return inTurn(5, goodbye);
    handsOverUntil = Math.min(handsOverUntil, world.agenda.now + SUCCESSOR_PATIENCE_MS);
    const hasSuccessor = process.view()?.leader !== null;
    if (!hasSuccessor && world.agenda.now < handsOverUntil) return inTurn(5, goodbye);
    process.handle({ type: 'leave' });
    inTurn(200, () => world.end(process, 'left'));
  };
  inTurn(5, goodbye);
}

/** Cuts every way between the processes of one group and those of the others, both ways. */
export function partition(world: World, groups: readonly (readonly Process[])[]): void {
  for (const group of groups)
    for (const other of groups)
      if (group !== other) for (const from of group) for (const to of other) setCut(world, from, to);
  world.disturbed(
    `partition: ${groups.map((group) => group.map(({ info }) => info.name).join(' ')).join(' | ')}`,
  );
}

/** Cuts one direction only. */
export function cutWay(world: World, from: Process, to: Process): void {
  setCut(world, from, to);
  world.disturbed(`cut from ${from.info.name} to ${to.info.name}`);
}

/** The links of a process to others break, as when a middlebox forgets them. */
export function breakLinks(world: World, one: Process | undefined, peers: readonly Process[]): void {
  for (const peer of peers) if (one) world.network.reset(one.transport, peer.transport);
  world.linksBrokenAt = world.agenda.now;
  world.disturbed('links break');
}

export function slow(world: World, from: Process, to: Process, ms: number): void {
  world.conditions.setExtraDelay(from.host.index, to.host.index, ms);
  world.disturbed(`${Math.round(ms)} ms more from ${from.info.name} to ${to.info.name}`);
}

export function changeWeather(world: World, weather: Partial<Weather>): void {
  world.conditions.weather = { ...world.conditions.weather, ...weather };
  world.disturbed(`weather: ${JSON.stringify(weather)}`);
}

/** Takes back every fault; names without a process get one. */
export function heal(world: World): void {
  world.conditions.clear();
  world.conditions.weather = world.settings.weather;
  world.workMsMax = 1_000;
  for (const host of world.hosts) host.lost = false;
  for (const process of world.running) {
    wake(world, process);
    resume(world, process);
    process.main.unblock();
    if (process.leaving) world.end(process, 'left');
  }
  restartMissing(world);
  world.disturbed('healed');
  world.checkers.healed();
}

export function restartMissing(world: World): void {
  for (let index = 0; index < world.settings.nodes; index++) {
    const name = nameOf(index);
    if (![...world.running].some(({ info }) => info.name === name)) world.start(index);
  }
}

/** Starts the process of this name again, if nobody has done so meanwhile. */
export function restart(world: World, { info }: Process): void {
  if (![...world.running].some(({ info: { name } }) => name === info.name)) world.start(indexOf(info.name));
}

export function indexOf(name: string): number {
  let index = 0;
  while (nameOf(index) !== name) index++;
  return index;
}

function setCut(world: World, from: Process, to: Process): void {
  world.conditions.setCut(from.host.index, to.host.index, true);
}
