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

/** Changes filters in place: going back leaves the page. */
export function setQuery(values: Query): void {
  const merged: Record<string, string | readonly string[] | undefined> = {};
  for (const name of new Set(query.value.keys())) merged[name] = query.value.getAll(name);
  history.replaceState(null, '', href(path.value, { ...merged, ...values }));
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
