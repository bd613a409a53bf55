/**
 * Puts compiled ES modules of one folder into one script, each after those that it imports and in a scope of its own. They
 * keep to what makes that simple: they import each other by name, without renaming, and never in a circle.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const IMPORT = /^import (\{[^}]*\}) from '\.\/([\w-]+)\.js';$/gm;
const EXPORTED = /^export (?:async )?(?:const|let|class|function) (\w+)/gm;

export function joinModules(folder: string, entry: string): string {
  const scopes: string[] = [];
  const seen = new Set<string>();
  const add = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const source = readFileSync(join(folder, `${name}.js`), 'utf8');
    for (const [, , imported = ''] of source.matchAll(IMPORT)) add(imported);
    scopes.push(scopeOf(name, source));
  };
  add(entry);
  return `(() => {\n'use strict';\n${scopes.join('')}})();\n`;
}

function scopeOf(name: string, source: string): string {
  const exported = [...source.matchAll(EXPORTED)].map(([, declared]) => declared);
  const body = source
    .replace(IMPORT, (_, names: string, imported: string) => `const ${names} = ${variableOf(imported)};`)
    .replace(/^export \{\};\n/gm, '')
    .replace(/^export /gm, '')
    .replace(/^\/\/# sourceMappingURL=.*\n?/gm, '')
    .replace(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '');
  return `const ${variableOf(name)} = (() => {\n${body}return { ${exported.join(', ')} };\n})();\n`;
}

function variableOf(name: string): string {
  return `module_${name.replaceAll('-', '_')}`;
}
