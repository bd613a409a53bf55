export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
  readonly rule: string;
}

export function violations(
  files: Iterable<{ readonly path: string; readonly text: string }>,
  declared: (home: string) => ReadonlySet<string>,
): Violation[];
