/**
 * `NODE_OPTIONS` of the worker thread. Node loads what the variable preloads in every thread; a preload that listens on a
 * port would fail the second time. Loaders of Yarn PnP stay, because without them no package is found.
 */
const PRELOADS: ReadonlySet<string> = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
]);

/** The variable without preloads. */
export function withoutPreloads(nodeOptions: string): string {
  return joined(grouped(nodeOptions).filter((group) => !isPreload(group) || isPnp(group)));
}

/** Nothing but the loaders of Yarn PnP, for options that Node does not take for a thread. */
export function onlyPnp(nodeOptions: string): string {
  return joined(grouped(nodeOptions).filter((group) => isPreload(group) && isPnp(group)));
}

/** Each option with its value, whether that follows `=` or a blank. */
function grouped(nodeOptions: string): string[][] {
  const groups: string[][] = [];
  for (const token of tokens(nodeOptions)) {
    const last = groups.at(-1);
    if (last === undefined || token.startsWith('-')) groups.push([token]);
    else last.push(token);
  }
  return groups;
}

/** As Node reads it: blanks part, double quotes group, and a backslash within quotes takes the next character as it is. */
function tokens(nodeOptions: string): string[] {
  const pattern = /(?:"(?:\\.|[^"\\])*"|[^\s"])+/gu;
  return [...nodeOptions.matchAll(pattern)].map(([token]) =>
    token.replaceAll(/"((?:\\.|[^"\\])*)"/gu, (_, quoted: string) => quoted.replaceAll(/\\(.)/gu, '$1')),
  );
}

function joined(groups: readonly (readonly string[])[]): string {
  return groups.flat().map(quoted).join(' ');
}

function quoted(token: string): string {
  return /[\s"]/u.test(token) ? `"${token.replaceAll(/["\\]/gu, String.raw`\$&`)}"` : token;
}

function isPreload([option = '']: readonly string[]): boolean {
  return PRELOADS.has(option.split('=', 1)[0] ?? option);
}

function isPnp(group: readonly string[]): boolean {
  return /(?:^|[\\/=])\.pnp\.[^\\/]*$/u.test(group.at(-1) ?? '');
}
