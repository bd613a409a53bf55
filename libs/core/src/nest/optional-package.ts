/**
 * Packages that an application may have installed or not, loaded only when they are needed.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const KUBERNETES = '@nest-cluster/kubernetes';

/** What the package's factory of this name makes, or undefined. */
export function madeBy<Made, Factory extends string>(
  packageName: string,
  factory: Factory,
  isWanted: (value: unknown) => value is Made,
): Made | undefined {
  const found = { [factory]: exportOf(packageName, factory) };
  if (!hasMethod(found, factory)) return undefined;
  const made: unknown = found[factory]();
  return isWanted(made) ? made : undefined;
}

/** What the package exports under this name, or undefined. From the application's folders, since it is the application that installs the package. */
export function exportOf(packageName: string, name: string): unknown {
  for (const from of [process.argv[1], join(process.cwd(), 'package.json')]) {
    if (from === undefined) continue;
    try {
      const found: unknown = createRequire(from)(packageName);
      if (typeof found === 'object' && found !== null && name in found) return Reflect.get(found, name);
    } catch {
      // Not to be found from here.
    }
  }
  return undefined;
}

export function hasMethod<Name extends string>(
  value: unknown,
  name: Name,
): value is Record<Name, (...args: never[]) => unknown> {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === 'function';
}
