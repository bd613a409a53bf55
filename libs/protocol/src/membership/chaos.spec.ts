/**
 * Anything may happen to a town for a while: crashes, restarts, namesakes, cuts, pauses, loss. After it ends, everybody who lives
 * sees exactly the others (M1, D2), one per name (T1); up and down alternated throughout (M1).
 */
import { seededRandom, type Random } from '../random.js';
import type { Dweller } from './dweller.fixture.js';
import { Town } from './town.fixture.js';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

class Chaos {
  private readonly random: Random;
  private readonly names: readonly string[];
  readonly town: Town;

  constructor(seed: number, datagrams: boolean) {
    this.random = seededRandom(seed * 7_919);
    this.town = new Town({ seed, datagrams });
    this.names = NAMES.slice(0, 2 + Math.floor(this.random() * 6));
    for (const name of this.names) this.town.add(name);
    this.town.run(this.random() * 3_000);
  }

  rage(acts: number): void {
    for (let act = 0; act < acts; act++) {
      this.act(this.random());
      this.town.run(this.random() * this.random() * 12_000);
      for (const node of this.living()) expectFollowed(node);
    }
    this.town.heal();
    this.town.loss = 0;
  }

  /** Discovery goes on all the time. */
  discover(ms: number): void {
    for (let passed = 0; passed < ms; passed += 2_000) {
      const addresses = this.living().map(({ info }) => info.address);
      for (const node of this.living()) this.town.give(node, { type: 'contacts', addresses });
      this.town.run(2_000);
    }
  }

  living(): Dweller[] {
    return this.town.dwellers.filter(({ isAlive }) => isAlive);
  }

  private act(chance: number): void {
    const { town, random } = this;
    const living = this.living();
    const one = this.pick(living);
    const isSpare = living.length > 2;
    if (chance < 0.15) return isSpare ? town.kill(one) : undefined;
    if (chance < 0.2) return isSpare ? town.vanish(one) : undefined;
    if (chance < 0.25) return isSpare ? town.leave(one) : undefined;
    if (chance < 0.45) return this.start(living);
    if (chance < 0.6) return this.cut(living);
    if (chance < 0.75) return town.heal();
    if (chance < 0.9)
      return one.isPaused ? undefined : town.pause(one, random() * (random() < 0.5 ? 800 : 12_000));
    town.loss = random() * 0.15;
  }

  /** A new process, maybe under a name that is taken, maybe at the place of an old one. */
  private start(living: readonly Dweller[]): void {
    const name = this.pick(this.names);
    const address = `${name}:fixed`;
    const isFree = !living.some(({ info }) => info.address === address);
    const place = isFree && this.random() < 0.3 ? { address } : {};
    this.town.add(name, { contacts: [this.pick(living)], ...place });
  }

  private cut(living: readonly Dweller[]): void {
    const side = living.filter(() => this.random() < 0.5);
    const others = living.filter((node) => !side.includes(node));
    this.town.cut(side, others, this.random() < 0.3);
  }

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)] as T;
  }
}

function differences({ town, living }: { town: Town; living: readonly Dweller[] }): string[] {
  const taking = living.filter(({ machine }) => !machine.isRefused());
  const names = [...new Set(living.map(({ name }) => name))].sort();
  const wanted = names.map((name) => taking.find((node) => node.name === name)?.info.incarnation ?? 'nobody');
  const views = taking.map(({ machine }) => {
    const up = machine.members().filter(({ node }) => machine.isUp(node.incarnation));
    return up.map(({ node, seen }) => (seen ? node.incarnation : `${node.name} by hearsay`)).join();
  });
  return views.every((view) => view === wanted.join()) ? [] : [town.describe()];
}

function expectAlternation({ events }: Dweller): void {
  const up = new Set<string>();
  for (const { event } of events) {
    if (event.type === 'nodeUp') {
      expect(up).not.toContain(event.node.name);
      up.add(event.node.name);
    } else if (event.type === 'nodeDown') {
      expect(up).toContain(event.node.name);
      up.delete(event.node.name);
    }
  }
}

/** Whoever is told of changes alone knows the same as whoever looks at everybody; who is refused sees nobody. */
function expectFollowed(node: Dweller): void {
  const { machine } = node;
  const members = machine.isRefused() ? [] : machine.members();
  const up = members.filter((member) => machine.isUp(member.node.incarnation));
  expect(new Set(node.followed())).toEqual(new Set(up));
}

describe.each([
  ['over links', false],
  ['over links that lose, repeat and disorder frames', true],
])('a town in trouble, %s', (_, datagrams) => {
  it.each(Array.from({ length: 12 }, (_unused, index) => index + 1))(
    'finds itself again (seed %i)',
    (seed) => {
      const chaos = new Chaos(seed, datagrams);
      const { town } = chaos;
      chaos.rage(25);
      chaos.discover(40_000);
      expect(differences({ town, living: chaos.living() })).toEqual([]);
      const told = town.dwellers.map(({ events }) => events.length);
      chaos.discover(60_000);
      expect(differences({ town, living: chaos.living() })).toEqual([]);
      for (const [index, node] of town.dwellers.entries()) {
        const late = node.isAlive ? node.events.slice(told[index]).map(({ event }) => event.type) : [];
        expect(late.filter((type) => type === 'nodeUp' || type === 'nodeDown')).toEqual([]);
        expectAlternation(node);
      }
    },
  );
});
