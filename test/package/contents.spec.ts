/**
 * What is in the packages that are published: words for people, metadata for the registry, no reference to what is missing,
 * and texts that an editor shows.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { packInto } from '../support/packing.js';

const PACKAGES = ['protocol', 'core', 'kubernetes', 'management', 'prometheus', 'terminus', 'testing'];
const MINUTES = 60_000;

let workshop: string;

const folderOf = (name: string) => join(workshop, 'opened', name, 'package');

function filesOf(name: string): string[] {
  return readdirSync(folderOf(name), { recursive: true, encoding: 'utf8' });
}

beforeAll(() => {
  workshop = mkdtempSync(join(tmpdir(), 'nest-cluster-contents-'));
  for (const tarball of packInto(workshop, PACKAGES)) {
    const name = PACKAGES.find((lib) => basename(tarball).startsWith(`nest-cluster-${lib}-`)) ?? tarball;
    const folder = join(workshop, 'opened', name);
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  }
}, 10 * MINUTES);

afterAll(() => rmSync(workshop, { recursive: true, force: true }));

describe.each(PACKAGES)('@nest-cluster/%s as it is packed', (name) => {
  it('has a README that names it, and the license', () => {
    expect(readFileSync(join(folderOf(name), 'README.md'), 'utf8')).toMatch(`# @nest-cluster/${name}\n`);
    expect(readFileSync(join(folderOf(name), 'LICENSE'), 'utf8')).toMatch('MIT License');
  });

  it('says in its metadata what it is, and that everybody may install it', () => {
    const text = readFileSync(join(folderOf(name), 'package.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      license: 'MIT',
      description: expect.stringMatching(/./) as string,
      keywords: expect.arrayContaining(['nestjs', 'cluster']) as string[],
      publishConfig: { access: 'public' },
    });
  });

  it('names no source map, since it has none', () => {
    const code = filesOf(name).filter((file) => /\.[cm]?[jt]s$/.test(file));
    expect(code).toContain(join('dist', 'index.d.ts'));
    const naming = code.filter((file) =>
      /^\/\/# sourceMappingURL=/m.test(readFileSync(join(folderOf(name), file), 'utf8')),
    );
    expect([...naming, ...filesOf(name).filter((file) => file.endsWith('.map'))]).toEqual([]);
  });
});

/** Members without a text for an editor to show, and the class itself if it has none. Accessors count once. */
function silentMembers(file: string, className: string): string[] {
  const text = readFileSync(join(folderOf('core'), 'dist/nest', file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const isTold = (node: ts.Node) => ts.getJSDocCommentsAndTags(node).length > 0;
  const found = source.statements.filter(ts.isClassDeclaration).find(({ name }) => name?.text === className);
  if (found === undefined) return [`no class ${className}`];
  const silent = found.members.filter(
    (member) =>
      !ts.isConstructorDeclaration(member) &&
      (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) === 0 &&
      !isTold(member),
  );
  const names = silent.map((member) => member.name?.getText() ?? '?');
  return isTold(found) ? names : [className, ...names];
}

it.each([
  ['cluster.d.ts', 'Cluster'],
  ['cluster-events.d.ts', 'ClusterEvents'],
  ['cluster-discovery.d.ts', 'ClusterDiscovery'],
  ['cluster-leadership.d.ts', 'ClusterLeadership'],
  ['cluster-store.d.ts', 'ClusterStore'],
  ['cluster.module.d.ts', 'ClusterModule'],
])('%s has a text for %s and each of its members', (file, className) => {
  expect(silentMembers(file, className)).toEqual([]);
});
