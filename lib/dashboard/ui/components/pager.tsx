import { count } from '../format.js';
import { href, path, query, turnPage, visited } from '../router.js';

interface PagerProps {
  /** What it goes through, for those who do not see it. */
  readonly label: string;
  readonly names: { readonly first: string; readonly previous: string; readonly next: string };
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
}

/** Goes through a list page by page. The address has the page, and the browser's history the way to it. */
export function Pager({ label, names, next }: PagerProps) {
  const params = query.value;
  const cursor = params.get('cursor') ?? '';
  const before = visited.value;
  if (cursor === '' && next === null) return null;
  const link = (text: string, to: string, cursors: readonly string[]) => {
    const values = Object.fromEntries(Array.from(new Set(params.keys()), (name) => [name, params.getAll(name)]));
    const address = href(path.value, { ...values, cursor: to });
    return (
      <a
        class="button"
        href={address}
        onClick={(event) => {
          // In another tab it opens as any link does.
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          turnPage(address, cursors);
        }}
      >
        {text}
      </a>
    );
  };
  return (
    <nav class="pager" aria-label={label}>
      {cursor !== '' && link(names.first, '', [])}
      {cursor !== '' && before.length > 0 && link(names.previous, before.at(-1) as string, before.slice(0, -1))}
      {(cursor === '' || before.length > 0) && <span class="quiet">Page {count(before.length + 1)}</span>}
      {next !== null && link(names.next, next, [...before, cursor])}
    </nav>
  );
}
