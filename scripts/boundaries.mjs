// Holds the rules about who may import whom. Prints every violation and exits 1 if there is one.
//   node scripts/boundaries.mjs [root]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SCANNED = ['libs', 'apps', 'test', 'bench'];
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'test-results']);

/** What a spec may import on top of what its folder may. */
const FOR_SPECS = [
  'jest',
  '@jest/globals',
  '@nestjs/platform-fastify',
  '@nestjs/event-emitter',
  '@nestjs/schedule',
  '@nestjs/testing',
  'fast-check',
  'supertest',
  'reflect-metadata',
];

const PROTOCOL = '@nest-cluster/protocol';
const CORE = '@nest-cluster/core';
const TESTING = '@nest-cluster/testing';

/**
 * What each folder of core may import: `rooms` are its sibling folders, `packages` come by name, `protocol` is
 * whether it takes the protocol's code or its types alone, `node` is whether it uses Node, or which parts of it.
 */
const CORE_ROOMS = {
  ports: { rooms: [], packages: [], protocol: 'types', node: ['node:crypto'] },
  wire: { rooms: ['ports'], packages: ['msgpackr'], protocol: 'types', node: true },
  engine: { rooms: ['ports', 'wire'], packages: [], protocol: 'code', node: true },
  strategies: { rooms: ['ports'], packages: [], protocol: 'types', node: true },
  nest: {
    rooms: ['engine', 'ports', 'strategies'],
    packages: ['@nestjs/*', 'rxjs', 'reflect-metadata'],
    protocol: 'code',
    node: true,
  },
};

const MACHINES = ['membership', 'leadership', 'store'];
const COMPOSITIONS = ['node-machine', 'index'];
/** The type checker keeps Node and the DOM out of the protocol; these are in the language, or easy to declare. */
const IMPURE = new Set([
  'Date',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);

/** Errors are thrown in every room, so the one class is no dependency on the protocol's code. */
const isTypeLike = (element) =>
  element.isTypeOnly || (element.propertyName ?? element.name).text === 'ClusterError';

function takesTypesOnly(node) {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) {
    if (node.isTypeOnly) return true;
    return (
      !!node.exportClause &&
      ts.isNamedExports(node.exportClause) &&
      node.exportClause.elements.every(isTypeLike)
    );
  }
  if (!ts.isImportDeclaration(node) || !node.importClause) return false;
  const { isTypeOnly, name, namedBindings } = node.importClause;
  if (isTypeOnly) return true;
  return (
    !name && !!namedBindings && ts.isNamedImports(namedBindings) && namedBindings.elements.every(isTypeLike)
  );
}

/** The string that names a module, when this node refers to one. */
function moduleNamed(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node)) return node.argument.literal;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const isLoad =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require') ||
    (ts.isPropertyAccessExpression(expression) && /^(mock|doMock|requireActual)$/.test(expression.name.text));
  return isLoad ? node.arguments[0] : undefined;
}

/** A name after a dot or before a colon is a member, not the global of that name. */
function isMemberName(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isAccessor(parent) ||
      ts.isEnumMember(parent)) &&
    parent.name === node
  );
}

function impurity(node) {
  if (!ts.isIdentifier(node) || isMemberName(node)) return undefined;
  if (IMPURE.has(node.text)) return node.text;
  if (node.text !== 'Math') return undefined;
  const { parent } = node;
  const isHarmless = ts.isPropertyAccessExpression(parent) && parent.name.text !== 'random';
  return isHarmless ? undefined : 'Math.random';
}

const mayUseNode = (rule, name) =>
  Array.isArray(rule?.node) ? rule.node.includes(name) : rule?.node !== false;

/** Everything in a file that the rules look at. */
function scan(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports = [];
  const impurities = [];
  const lineOf = (node) => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const visit = (node) => {
    const named = moduleNamed(node);
    if (named && ts.isStringLiteralLike(named))
      imports.push({ name: named.text, line: lineOf(node), typesOnly: takesTypesOnly(node) });
    const impure = impurity(node);
    if (impure) impurities.push({ name: impure, line: lineOf(node) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { imports, impurities };
}

/** Where a file stands: its package folder, and its path under that folder's `src` as folders and a bare name. */
function place(path) {
  const [top, name, ...rest] = path.split('/');
  const inSource = rest[0] === 'src' ? rest.slice(1) : rest;
  const bare = inSource
    .at(-1)
    ?.replace(/\.[cm]?[jt]sx?$/, '')
    .replace(/\.spec$/, '');
  return { home: `${top}/${name}`, top, lib: name, folders: inSource.slice(0, -1), bare };
}

const matches = (name, pattern) =>
  pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
const packageOf = (name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

/** The rule that an import inside one package breaks, if any. */
function brokenInside(from, to) {
  const [room, subroom] = from.folders;
  const [toRoom, toSubroom] = to.folders;
  if (from.lib === 'protocol') {
    if (!MACHINES.includes(toRoom) || room === toRoom) return undefined;
    if (MACHINES.includes(room)) return `${MACHINES.join(', ')} do not import each other`;
    const composes = room === undefined && COMPOSITIONS.includes(from.bare);
    return composes ? undefined : `only ${COMPOSITIONS.join(' and ')} put the machines together`;
  }
  if (from.lib !== 'core' || room === undefined) return undefined;
  const rule = CORE_ROOMS[room];
  if (!rule) return undefined;
  if (room === toRoom) {
    if (room !== 'strategies' || subroom === toSubroom || subroom === undefined) return undefined;
    return 'strategies do not import each other';
  }
  if (rule.rooms.includes(toRoom)) return undefined;
  return `core/${room} may import ${rule.rooms.map((name) => `core/${name}`).join(', ') || 'no other folder'}`;
}

/** The rule that an import of a package or of Node breaks, if any. */
function brokenByName(from, { name, typesOnly }, isSpec, declared) {
  const own = packageOf(name);
  const ours = own.startsWith('@nest-cluster/');
  if (ours && own !== name) return 'packages are imported by name, without a path into them';
  if (from.top !== 'libs') return undefined;
  if (isSpec && (isBuiltin(name) || FOR_SPECS.includes(own))) return undefined;
  // What the testing kit itself stands on is tested without it.
  if (isSpec && own === TESTING && !['protocol', 'core'].includes(from.lib)) return undefined;

  if (from.lib === 'protocol') return 'protocol depends on nothing';
  if (from.lib === 'core') {
    const [room] = from.folders;
    const rule = CORE_ROOMS[room];
    if (ours) {
      if (own !== PROTOCOL) return `core may import ${PROTOCOL} alone`;
      return rule?.protocol === 'types' && !typesOnly
        ? `core/${room} takes only types from protocol`
        : undefined;
    }
    if (isBuiltin(name)) return mayUseNode(rule, name) ? undefined : `core/${room} does not use Node`;
    if (rule && !rule.packages.some((pattern) => matches(own, pattern)))
      return `core/${room} may import ${rule.packages.join(', ') || 'no package'}`;
  } else if (ours) {
    const allowed = from.lib === 'testing' ? [CORE, PROTOCOL] : [CORE];
    return allowed.includes(own) ? undefined : `${from.lib} may import ${allowed.join(' and ')}`;
  }
  if (isBuiltin(name) || declared(from.home).has(own)) return undefined;
  return `${own} is not among the dependencies of ${from.home}`;
}

/**
 * @param files `{ path, text }`, paths relative to the root and with slashes
 * @param declared the names of the packages that the package in a folder depends on
 */
export function violations(files, declared) {
  const found = [];
  for (const { path, text } of files) {
    const from = place(path);
    const isSpec = /\.(spec|fixture)\.[cm]?tsx?$/.test(path);
    const { imports, impurities } = scan(path, text);

    const room = from.folders[0];
    if (from.home === 'libs/core' && room !== undefined && path.includes('/src/') && !CORE_ROOMS[room])
      found.push({ path, line: 1, what: 'stands outside', rule: `core has no folder ${room}` });

    for (const used of imports) {
      let rule;
      if (used.name.startsWith('.') || used.name.startsWith('/')) {
        const target = posix.join(posix.dirname(path), used.name);
        const to = place(target);
        if (to.home === from.home) rule = from.top === 'libs' ? brokenInside(from, to) : undefined;
        else if (target.startsWith('libs/')) rule = 'libs are imported by package name';
        else if (from.top === 'libs') rule = 'a library does not reach out of its folder';
      } else rule = brokenByName(from, used, isSpec, declared);
      if (rule) found.push({ path, line: used.line, what: `imports ${used.name}`, rule });
    }

    if (from.home !== 'libs/protocol' || isSpec) continue;
    for (const { name, line } of impurities)
      found.push({
        path,
        line,
        what: `uses ${name}`,
        rule: 'protocol has no clock, no chance and no environment',
      });
  }
  return found;
}

function* sources(root, folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* sources(root, path);
    else if (entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
      yield { path: path.split(sep).join('/'), text: readFileSync(join(root, path), 'utf8') };
  }
}

function main(root) {
  const known = new Map();
  const declared = (home) => {
    if (!known.has(home)) {
      const { dependencies, peerDependencies } = JSON.parse(
        readFileSync(join(root, home, 'package.json'), 'utf8'),
      );
      known.set(home, new Set(Object.keys({ ...dependencies, ...peerDependencies })));
    }
    return known.get(home);
  };
  const files = SCANNED.filter((top) => existsSync(join(root, top))).flatMap((top) => [
    ...sources(root, top),
  ]);
  const found = violations(files, declared);
  for (const { path, line, what, rule } of found) console.log(`${path}:${line} ${what}: ${rule}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

if (process.argv[1] && relative(process.argv[1], fileURLToPath(import.meta.url)) === '')
  main(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
