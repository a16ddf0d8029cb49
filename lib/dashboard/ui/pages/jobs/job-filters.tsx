import { FilterInput } from '../../components/filter-input.js';
import { titled } from '../../format.js';
import { setQuery } from '../../router.js';

const STATES = ['scheduled', 'running', 'paused', 'waiting'] as const;
const TRIGGERS = ['date', 'interval', 'cron', 'calendarinterval', 'or', 'and', 'except'] as const;
const OUTCOMES = [
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'missed',
  'skipped',
  'lost',
  'running',
  'handed_over',
] as const;
/** Filters that stand in the address, beside the text. */
export const SINGLE = ['state', 'trigger', 'last_outcome', 'declared', 'tag', 'func'] as const;
export const CLEARED = { text: '', cursor: '', ...Object.fromEntries(SINGLE.map((name) => [name, ''])) };

/** What the list can be narrowed down by. */
export function JobFilters({ params, isFiltered }: { params: URLSearchParams; isFiltered: boolean }) {
  const select = (name: string, label: string, values: readonly string[]) => (
    <select
      aria-label={label}
      value={params.get(name) ?? ''}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value, cursor: '' })}
    >
      <option value="">{label}</option>
      {values.map((value) => (
        <option key={value} value={value}>
          {titled(value)}
        </option>
      ))}
    </select>
  );
  const chip = (name: string) =>
    params.has(name) && (
      <button onClick={() => setQuery({ [name]: '', cursor: '' })} title="Remove this filter">
        {name === 'func' ? 'Task' : 'Tag'}: {params.getAll(name).join(', ')} ✕
      </button>
    );
  return (
    <div class="filters" role="search">
      <FilterInput
        label="Search jobs by id or name"
        placeholder="Search by id or name  ( / )"
        value={params.get('text') ?? ''}
        onValue={(text) => setQuery({ text, cursor: '' })}
        asksFocus={params.get('focus') === 'search'}
        onFocused={() => setQuery({ focus: '' })}
      />
      {select('state', 'Any state', STATES)}
      {select('trigger', 'Any trigger', TRIGGERS)}
      {select('last_outcome', 'Any outcome', OUTCOMES)}
      <select
        aria-label="Origin"
        value={params.get('declared') ?? ''}
        onChange={(event) => setQuery({ declared: event.currentTarget.value, cursor: '' })}
      >
        <option value="">Any origin</option>
        <option value="true">Declared in code</option>
        <option value="false">Added later</option>
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
