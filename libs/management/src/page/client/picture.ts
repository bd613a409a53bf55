/**
 * Who sees whom, as a picture. A few nodes are drawn with every link; of many, only what is wrong and the links of the
 * chosen node, because everything being well needs no lines.
 */
import { isHeard, isPresent, riftText, rifts, sightOf, sights, type Rift } from './diagnosis.js';
import { drawing, part, say } from './dom.js';
import { counted } from './format.js';
import type { ClusterAnswer, NodeAnswer } from './types.js';

/** Up to so many nodes, every link is drawn. */
const ALL_LINKS_MAX = 16;
/** Up to so many nodes, every name is written. */
const NAMES_MAX = 24;
const SIZE = 400;
const CENTRE = SIZE / 2;
const RADIUS = 145;
/** With many nodes there are no names around the circle. */
const RADIUS_MANY = 180;

interface Place {
  readonly node: NodeAnswer;
  readonly x: number;
  readonly y: number;
}

export interface PictureOptions {
  readonly chosen: string | undefined;
  readonly choose: (name: string) => void;
  /** Share of the busiest link of the chosen node, by the name at its other end. */
  readonly traffic: ReadonlyMap<string, number>;
}

export function drawPicture(cluster: ClusterAnswer, now: number, options: PictureOptions): void {
  const places = placesOf(cluster.nodes);
  const broken = rifts(cluster.nodes, now);
  const svg = part('links');
  const dots = part('dots');
  svg.replaceChildren(
    ...healthyLinks(places, now, options),
    ...broken.flatMap((rift) => brokenLink(rift, places)),
  );
  dots.replaceChildren(...places.map((place) => dot(place, places.length, now, options)));
  const summary = summaryOf(cluster.nodes, broken, now);
  say(part('picture-text'), summary);
}

function placesOf(nodes: readonly NodeAnswer[]): readonly Place[] {
  const radius = nodes.length === 1 ? 0 : nodes.length > NAMES_MAX ? RADIUS_MANY : RADIUS;
  return nodes.map((node, index) => {
    const angle = (index / nodes.length) * 2 * Math.PI - Math.PI / 2;
    return { node, x: CENTRE + radius * Math.cos(angle), y: CENTRE + radius * Math.sin(angle) };
  });
}

function healthyLinks(
  places: readonly Place[],
  now: number,
  { chosen, traffic }: PictureOptions,
): SVGElement[] {
  const present = places.filter(({ node }) => isPresent(node));
  const sees = sights(
    present.map(({ node }) => node),
    now,
  );
  const lines: SVGElement[] = [];
  present.forEach((a, index) => {
    for (const b of present.slice(index + 1)) {
      const isOfChosen = a.node.name === chosen || b.node.name === chosen;
      if (present.length > ALL_LINKS_MAX && !isOfChosen) continue;
      const { kind } = sightOf(a.node, b.node, sees);
      if (kind !== 'both' && kind !== 'unknown') continue;
      const other = a.node.name === chosen ? b.node.name : a.node.name;
      const share = isOfChosen ? (traffic.get(other) ?? 0) : 0;
      const width = 1 + 5 * share;
      lines.push(
        line(a, b, {
          class: `link ${kind}${isOfChosen ? ' chosen' : ''}${present.length > NAMES_MAX ? ' faint' : ''}`,
          'stroke-width': width.toFixed(1),
        }),
      );
    }
  });
  return lines;
}

/** A line with an arrow for what still gets through, and a cross for what does not. */
function brokenLink({ a, b, sight }: Rift, places: readonly Place[]): SVGElement[] {
  const placeOf = (name: string) => places.find(({ node }) => node.name === name && isPresent(node));
  const [from, to] =
    sight.kind === 'oneWay' ? [placeOf(sight.from), placeOf(sight.to)] : [placeOf(a.name), placeOf(b.name)];
  if (from === undefined || to === undefined) return [];
  const arrow = sight.kind === 'oneWay' ? { 'marker-end': 'url(#arrow)' } : {};
  const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
  const title = drawing('title', {}, riftText(a, b, sight));
  return [
    drawing(
      'g',
      { class: `rift ${sight.kind}` },
      title,
      line(shorten(to, from), shorten(from, to), arrow),
      cross(x, y),
    ),
  ];
}

function line(
  from: Point,
  to: Point,
  attributes: Readonly<Record<string, string | undefined>>,
): SVGLineElement {
  const at = (value: number) => value.toFixed(1);
  return drawing('line', { x1: at(from.x), y1: at(from.y), x2: at(to.x), y2: at(to.y), ...attributes });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A little before `to`, so that an arrow does not end under the dot. */
function shorten(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const share = Math.max(0, 1 - 20 / length);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function cross(x: number, y: number): SVGElement {
  return drawing('path', {
    d: `M${x - 6} ${y - 6} L${x + 6} ${y + 6} M${x + 6} ${y - 6} L${x - 6} ${y + 6}`,
    class: 'cross',
  });
}

const SIGNS: Readonly<Record<NodeAnswer['status'], string>> = {
  up: '',
  degraded: '~',
  suspect: '?',
  down: '✕',
  left: '–',
};

function dot(
  { node, x, y }: Place,
  count: number,
  now: number,
  { chosen, choose }: PictureOptions,
): SVGElement {
  const silent = isPresent(node) && !isHeard(node, now) ? ' silent' : '';
  const isChosen = node.name === chosen;
  const radius = count > 100 ? 3 : count > NAMES_MAX ? 6 : 13;
  const hasName = count <= NAMES_MAX || isChosen || node.status !== 'up' || node.leader || node.self;
  const group = drawing(
    'g',
    {
      class: `dot ${node.status}${silent}${isChosen ? ' chosen' : ''}`,
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
    },
    drawing(
      'title',
      {},
      `${node.name}: ${node.status}${node.leader ? ', leads' : ''}${silent ? ', does not answer' : ''}`,
    ),
    drawing('circle', { r: radius }),
    drawing('text', { class: 'sign', y: 5 }, node.leader ? '★' : SIGNS[node.status]),
    ...(hasName
      ? [
          drawing(
            'text',
            { class: 'name', y: nameBelow(y, count) ? radius + 18 : -radius - 8 },
            shortName(node.name),
          ),
        ]
      : []),
  );
  group.addEventListener('click', () => choose(node.name));
  return group;
}

/** Outside of the circle while there is room, inside of it otherwise. */
function nameBelow(y: number, count: number): boolean {
  return count > NAMES_MAX ? y < CENTRE : y >= CENTRE;
}

function shortName(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}

function summaryOf(nodes: readonly NodeAnswer[], broken: readonly Rift[], now: number): string {
  const present = nodes.filter(isPresent);
  const silent = present.filter((node) => !isHeard(node, now)).map(({ name }) => name);
  const answers = silent.length === 0 ? '' : ` ${counted(silent.length, 'node')} did not answer.`;
  if (broken.length === 0) return `${counted(present.length, 'node')}, and each sees all others.${answers}`;
  const told = broken.slice(0, 3).map(({ a, b, sight }) => riftText(a, b, sight));
  const rest = broken.length > told.length ? ` And ${broken.length - told.length} more.` : '';
  return told.join(' ') + rest + answers;
}
