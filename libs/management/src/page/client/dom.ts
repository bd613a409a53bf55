/**
 * Making and finding elements. Text is always set as text, so that nothing that a node, a key or a value says becomes markup.
 */
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

export function drawing<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

export function button(label: string, act: () => unknown, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', () => void act());
  return made;
}

/** A part of the page that is always there. */
export function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no part ${id}`);
  return found;
}

export function field(id: string): HTMLInputElement {
  const found = part(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`${id} is no field`);
  return found;
}

/** Leaves an element alone that says so already, and with it the reader's place in it. */
export function say(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function show(target: HTMLElement | SVGElement, isShown: boolean): void {
  if (!isShown) handOver(target);
  target.toggleAttribute('hidden', !isShown);
}

/** Before something goes away that has the focus: the part of the page that it stands in takes it, and the keyboard goes on there. */
function handOver(going: Element): void {
  if (!going.contains(document.activeElement)) return;
  going.parentElement?.closest<HTMLElement>('section, main')?.focus({ preventScroll: true });
}

/** Makes the children of a list those of the items, in their order; what stays keeps its element, and its focus. */
export function arrange<Item>(
  list: Element,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  make: (item: Item) => Element,
  update: (made: Element, item: Item) => void,
): void {
  const known = new Map<string, Element>();
  const wanted = new Set(items.map(keyOf));
  for (const child of Array.from(list.children)) {
    const key = child.getAttribute('data-key') ?? '';
    if (wanted.has(key)) known.set(key, child);
    else remove(child);
  }
  let next = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = known.get(key);
    known.delete(key);
    if (child === undefined) {
      child = make(item);
      child.setAttribute('data-key', key);
    }
    if (child === next) next = child.nextElementSibling;
    else list.insertBefore(child, next);
    update(child, item);
  }
}

/** First of all, because what is moved loses the focus, too. */
function remove(child: Element): void {
  handOver(child);
  child.remove();
}

function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    target.setAttribute(name, value === true ? '' : String(value));
  }
}
