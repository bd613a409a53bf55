/**
 * Partitions and their end by hand: who stands on which side, what differs, and a choice that says what it will lose.
 */
import { messageOf, type Api } from './api.js';
import { ask } from './dialog.js';
import { arrange, button, element, part, show } from './dom.js';
import { clock, counted, named } from './format.js';
import { attempt, tell } from './toast.js';
import type { Difference, Partition, PartitionReport } from './types.js';

const STATE_WORDS: Readonly<Record<Partition['state'], string>> = {
  waiting: 'waits for a choice',
  merging: 'is being merged',
  healed: 'is over',
};

export class PartitionList {
  constructor(
    private readonly api: Api,
    private readonly changed: () => void,
  ) {}

  draw(partitions: readonly Partition[]): void {
    const newestFirst = partitions.toReversed();
    show(part('no-partitions'), partitions.length === 0);
    arrange(
      part('partition-list'),
      newestFirst,
      ({ id, state, sides, report }) => JSON.stringify([id, state, sides, report]),
      (partition) => this.item(partition),
      () => undefined,
    );
  }

  private item(partition: Partition): HTMLLIElement {
    const { sides, state, detectedAt, report } = partition;
    const difference = element('div', { class: 'difference' });
    const item = element(
      'li',
      { class: `partition ${state}` },
      element('h3', {}, `Met again at ${clock(detectedAt)}, ${STATE_WORDS[state]}`),
      element(
        'ul',
        { class: 'sides' },
        ...sides.map((names, index) => element('li', {}, `Side ${index + 1}: ${named(names, 12)}`)),
      ),
    );
    if (report !== null) item.append(element('p', { class: 'small' }, reportText(report)));
    if (state !== 'waiting') return item;
    const actions = element('div', { class: 'actions' });
    actions.append(
      button('Compare', () => this.compare(partition, difference)),
      button('Merge…', () => this.merge(partition)),
      ...sides.map((names) =>
        button(`Keep ${names[0] ?? 'this side'}…`, () => this.keep(partition, names), { class: 'danger' }),
      ),
    );
    item.append(actions, difference);
    return item;
  }

  private async compare({ id }: Partition, target: HTMLElement): Promise<void> {
    try {
      target.replaceChildren(...describe(await this.api.difference(id)));
    } catch (error) {
      tell(messageOf(error), 'failed');
    }
  }

  private async merge({ id }: Partition): Promise<void> {
    const difference = await this.differenceOf(id);
    if (difference === undefined) return;
    const conflicts = difference.sides.flatMap((side) => side.conflicts);
    const text = [
      'All changes of all sides are taken.',
      conflicts.length === 0
        ? 'No key was changed on both sides.'
        : `${counted(conflicts.length, 'key')} changed on both sides: the conflict resolver keeps one value of each.`,
    ];
    if (await ask({ title: 'Merge the sides?', text, list: conflicts, confirm: 'Merge' }))
      await this.resolve(id, { choose: 'merge' }, 'the sides are merged');
  }

  private async keep({ id, sides }: Partition, names: readonly string[]): Promise<void> {
    const [side] = names;
    const difference = await this.differenceOf(id);
    if (difference === undefined || side === undefined) return;
    const { keys, total } = lossOf(difference, sides, names);
    const text = [
      `The store stays as it is for ${named(names, 12)}.`,
      total === 0
        ? 'No change of another side is lost.'
        : `${counted(total, 'change')} that only other sides have since the split will be lost, on every node. This cannot be undone.`,
    ];
    const confirm = total === 0 ? `Keep ${side}` : `Keep ${side} and lose ${counted(total, 'change')}`;
    if (await ask({ title: `Keep the side of ${side}?`, text, list: keys, confirm }))
      await this.resolve(id, { choose: 'keep', side }, `the side of ${side} is kept`);
  }

  private async differenceOf(id: string): Promise<Difference | undefined> {
    try {
      return await this.api.difference(id);
    } catch (error) {
      tell(messageOf(error), 'failed');
      return undefined;
    }
  }

  private async resolve(id: string, choice: object, done: string): Promise<void> {
    if (await attempt(done, () => this.api.resolve(id, choice))) this.changed();
  }
}

function reportText({ merged, conflicts, deletes, dropped }: PartitionReport): string {
  return `${counted(merged, 'key')} taken, ${counted(conflicts, 'conflict')}, ${counted(deletes, 'delete')}, ${dropped} dropped.`;
}

/** What only the sides have that are not kept. The first side is that of the node that answers. */
function lossOf({ here, sides }: Difference, all: Partition['sides'], kept: readonly string[]) {
  const isHereKept = all[0] === kept;
  const lost = sides.filter(({ side }) => !kept.includes(side));
  const theirs = lost.flatMap(({ written, deleted, conflicts }) => [...written, ...deleted, ...conflicts]);
  const keys = [...new Set([...(isHereKept ? [] : here.keys), ...theirs])];
  const total = lost.reduce((sum, side) => sum + side.total, isHereKept ? 0 : here.total);
  return { keys, total };
}

function describe({ here, sides }: Difference): Node[] {
  const list = (title: string, keys: readonly string[]) =>
    keys.length === 0 ? [] : [element('dt', {}, title), element('dd', {}, named(keys, 20))];
  const rows = sides.flatMap(({ side, written, deleted, conflicts, total }) => [
    element('dt', {}, `The side of ${side}`),
    element('dd', {}, `${counted(total, 'change')} that this side lacks`),
    ...list('written', written),
    ...list('deleted', deleted),
    ...list('changed on both sides', conflicts),
  ]);
  return [
    element(
      'dl',
      {},
      element('dt', {}, 'This side'),
      element(
        'dd',
        {},
        `${counted(here.total, 'change')} that others lack${here.total > 0 ? `: ${named(here.keys, 20)}` : ''}`,
      ),
      ...rows,
    ),
  ];
}
