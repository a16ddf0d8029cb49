import { useEffect, useRef } from 'preact/hooks';
import { after } from '../../clock.js';
import { setQuery } from '../../router.js';

/** Nobody types faster than this for long: the search waits for the end of a word. */
const TYPING_MS = 250;

const STATES = ['scheduled', 'running', 'paused', 'waiting'] as const;
const TRIGGERS = ['date', 'interval', 'cron', 'calendarinterval', 'or', 'and', 'except'] as const;
const OUTCOMES = ['succeeded', 'failed', 'timed_out', 'cancelled', 'missed', 'skipped', 'lost', 'running'] as const;
/** Filters that stand in the address, beside the text. */
export const SINGLE = ['state', 'trigger', 'last_outcome', 'declared', 'tag', 'func'] as const;
export const CLEARED = { text: '', cursor: '', ...Object.fromEntries(SINGLE.map((name) => [name, ''])) };

/** What the list can be narrowed down by. */
export function JobFilters({ params, isFiltered }: { params: URLSearchParams; isFiltered: boolean }) {
  const search = useRef<HTMLInputElement>(null);
  const waiting = useRef<() => void>(() => undefined);
  const asksFocus = params.get('focus') === 'search';
  useEffect(() => {
    if (!asksFocus) return;
    search.current?.focus();
    search.current?.select();
    setQuery({ focus: '' });
  }, [asksFocus]);
  const select = (name: string, label: string, values: readonly string[]) => (
    <select
      aria-label={label}
      value={params.get(name) ?? ''}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value, cursor: '' })}
    >
      <option value="">{label}</option>
      {values.map((value) => (
        <option key={value} value={value}>
          {value.replace('_', ' ')}
        </option>
      ))}
    </select>
  );
  const chip = (name: string) =>
    params.has(name) && (
      <button onClick={() => setQuery({ [name]: '', cursor: '' })} title="Remove this filter">
        {name}: {params.getAll(name).join(', ')} ✕
      </button>
    );
  return (
    <div class="filters" role="search">
      <input
        ref={search}
        type="search"
        aria-label="Search jobs by id or name"
        placeholder="Search by id or name  ( / )"
        value={params.get('text') ?? ''}
        onInput={(event) => {
          const { value } = event.currentTarget;
          waiting.current();
          waiting.current = after(TYPING_MS, () => setQuery({ text: value, cursor: '' }));
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          // Some browsers would empty the field.
          event.preventDefault();
          event.currentTarget.blur();
        }}
      />
      {select('state', 'Any state', STATES)}
      {select('trigger', 'Any trigger', TRIGGERS)}
      {select('last_outcome', 'Any last outcome', OUTCOMES)}
      <select
        aria-label="Origin"
        value={params.get('declared') ?? ''}
        onChange={(event) => setQuery({ declared: event.currentTarget.value, cursor: '' })}
      >
        <option value="">Declared or added</option>
        <option value="true">Declared by the program</option>
        <option value="false">Added</option>
      </select>
      {chip('tag')}
      {chip('func')}
      {isFiltered && (
        <button class="plain" onClick={() => setQuery(CLEARED)}>
          Clear filters
        </button>
      )}
    </div>
  );
}
