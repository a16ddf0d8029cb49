import { client } from '../api.js';
import { AuditTable } from '../components/audit-table.js';
import { ACTIONS, actionName } from '../components/audit-words.js';
import { Card, Empty, PageHead, Shown } from '../components/basics.js';
import { FilterInput } from '../components/filter-input.js';
import { Pager } from '../components/pager.js';
import { useLoad } from '../load.js';
import { query, setQuery } from '../router.js';

const LIMIT = 50;
const FILTERS = ['job_id', 'actor', 'action'] as const;
const TYPED = { job_id: 'Id of a job', actor: 'Who' } as const;

/** Who did what to jobs, runs and the scheduler. */
export function AuditPage() {
  const params = query.value;
  const filters = Object.fromEntries(FILTERS.map((name) => [name, params.get(name) ?? '']));
  const cursor = params.get('cursor');
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
  const isFiltered = Object.keys(given).length > 0;
  const loaded = useLoad(`audit ${params.toString()}`, (signal) =>
    client.getAudit({ limit: LIMIT, ...given, ...(cursor !== null && { cursor }) }, { signal }),
  );
  return (
    <>
      <PageHead title="Audit trail" />
      <div class="filters" role="search">
        {(Object.keys(TYPED) as (keyof typeof TYPED)[]).map((name) => (
          <FilterInput
            key={name}
            label={TYPED[name]}
            value={filters[name] ?? ''}
            onValue={(value) => setQuery({ [name]: value, cursor: '' })}
          />
        ))}
        <select
          aria-label="What"
          value={filters['action'] ?? ''}
          onChange={(event) => setQuery({ action: event.currentTarget.value, cursor: '' })}
        >
          <option value="">Any action</option>
          {ACTIONS.map((action) => (
            <option key={action} value={action}>
              {actionName(action)}
            </option>
          ))}
        </select>
        {isFiltered && (
          <button class="plain" onClick={() => setQuery({ job_id: '', actor: '', action: '', cursor: '' })}>
            Clear filters
          </button>
        )}
      </div>
      <Card flush>
        <Shown of={loaded}>
          {({ entries, next_cursor: next }) => (
            <>
              {entries.length === 0 ? (
                <Empty title={isFiltered ? 'Nothing matches these filters' : 'Nothing has been done yet'}>
                  <p>What people and programs do to jobs, runs and the scheduler is listed here.</p>
                </Empty>
              ) : (
                <AuditTable entries={entries} withJob />
              )}
              <Pager
                label="Pages of the audit trail"
                names={{ first: 'Latest', previous: 'Newer', next: 'Older' }}
                next={next}
              />
            </>
          )}
        </Shown>
      </Card>
    </>
  );
}
