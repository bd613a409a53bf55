/**
 * Nothing moves under a pressed pointer: what would change the page waits until it is released, so that the press ends on
 * what it was aimed at, and a selection that is being made stays.
 */
let released: Promise<void> | undefined;
let release = (): void => {};

export function untilReleased(): Promise<void> | undefined {
  return released;
}

document.addEventListener('pointerdown', () => {
  released ??= new Promise((resolve) => {
    release = () => {
      released = undefined;
      resolve();
    };
  });
});
// A click is told after its pointer was released, and comes first.
for (const end of ['pointerup', 'pointercancel', 'dragend'])
  document.addEventListener(end, () => setTimeout(() => release()));
addEventListener('blur', () => release());
