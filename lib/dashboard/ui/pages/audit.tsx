import { client } from '../api.js';
import { AuditTable } from '../components/audit-table.js';
import { Card, Empty, PageHead, Shown } from '../components/basics.js';
import { FilterInput } from '../components/filter-input.js';
import { Pager } from '../components/pager.js';
import { useLoad } from '../load.js';
import { query, setQuery } from '../router.js';

const LIMIT = 50;
const FILTERS = ['job_id', 'actor', 'action'] as const;
const LABELS = { job_id: 'Id of a job', actor: 'Who', action: 'What, such as job.pause' } as const;

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
        {FILTERS.map((name) => (
          <FilterInput
            key={name}
            label={LABELS[name]}
            value={filters[name] ?? ''}
            onValue={(value) => setQuery({ [name]: value, cursor: '' })}
          />
        ))}
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
