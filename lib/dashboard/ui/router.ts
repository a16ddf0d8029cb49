import { computed, signal } from '@preact/signals';

/** The page and its filters stand in the address after `#`, so that they can be shared, and the server needs one document only. */

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

const hash = signal(location.hash);
window.addEventListener('hashchange', () => (hash.value = location.hash));

/** The parts of the path: `['jobs', 'report']`. */
export const path = computed(() =>
  splitHash()[0]
    .split('/')
    .filter((part) => part !== '')
    .map(decode),
);

export const query = computed(() => new URLSearchParams(splitHash()[1]));

/** The address of a page. */
export function href(parts: readonly string[], values: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) if (one !== '') params.append(name, one);
  }
  const text = params.toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

export function navigate(to: string): void {
  location.hash = to.replace(/^#/, '');
}

/** How many pages of a list somebody can go back through, one by one: browsers limit what an entry of their history keeps. */
const MOST_VISITED = 1000;

/** The cursors of the pages of a list before this one. The entry of the browser's history has them, so that they outlast a reload, and going back. */
export const visited = computed<readonly string[]>(() => {
  const state: unknown = hash.value && history.state;
  return Array.isArray(state) ? (state as string[]) : [];
});

/** Goes to another page of a list. */
export function turnPage(to: string, cursors: readonly string[]): void {
  history.pushState(cursors.slice(-MOST_VISITED), '', to);
  hash.value = location.hash;
  scrollTo(0, 0);
}

/** Changes filters in place: going back leaves the page. */
export function setQuery(values: Query): void {
  const merged: Record<string, string | readonly string[] | undefined> = {};
  for (const name of new Set(query.value.keys())) merged[name] = query.value.getAll(name);
  // Other filters begin with the first page.
  const state: unknown = 'cursor' in values ? null : history.state;
  history.replaceState(state, '', href(path.value, { ...merged, ...values }));
  hash.value = location.hash;
}

function splitHash(): readonly [path: string, query: string] {
  const text = hash.value.replace(/^#/, '');
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
