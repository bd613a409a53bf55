/**
 * Patterns for keys of the store: `*` stands for any run of characters, everything else for itself.
 */

/** Whether keys match the pattern; all of them without one. Takes time linear in the key for each `*`. */
export function keyMatcher(pattern: string | undefined): (key: string) => boolean {
  if (pattern === undefined || pattern === '*') return () => true;
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (key) => key === pattern;
  return (key) => {
    const end = key.length - tail.length;
    if (end < head.length || !key.startsWith(head) || !key.endsWith(tail)) return false;
    let from = head.length;
    for (const part of rest) {
      const found = key.indexOf(part, from);
      if (found < 0 || found + part.length > end) return false;
      from = found + part.length;
    }
    return true;
  };
}
