import { client } from '../api.js';
import { Card, Empty, PageHead, Shown } from '../components/basics.js';
import { FilterInput } from '../components/filter-input.js';
import { Pager } from '../components/pager.js';
import { RunTable } from '../components/run-parts.js';
import { fullTime, stateName } from '../format.js';
import { useLoad } from '../load.js';
import { query, setQuery } from '../router.js';

const STATES = [
  'running',
  'handed_over',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'missed',
  'skipped',
  'lost',
] as const;
const LIMIT = 50;

/** The history of runs, the latest first. */
export function RunsPage() {
  const params = query.value;
  const states = params.getAll('state') as (typeof STATES)[number][];
  const jobId = params.get('job_id') ?? '';
  const from = params.get('from') ?? '';
  const cursor = params.get('cursor');
  const loaded = useLoad(`runs ${params.toString()}`, (signal) =>
    client.getRuns(
      {
        limit: LIMIT,
        ...(states.length > 0 && { state: states }),
        ...(jobId !== '' && { job_id: jobId }),
        ...(from !== '' && { from }),
        ...(cursor !== null && { cursor }),
      },
      { signal },
    ),
  );
  const isFiltered = states.length > 0 || jobId !== '' || from !== '';
  const [state = ''] = states;
  return (
    <>
      <PageHead title="Runs" />
      <div class="filters">
        <FilterInput label="Id of a job" value={jobId} onValue={(id) => setQuery({ job_id: id, cursor: '' })} />
        <select
          aria-label="Outcome"
          value={states.length > 1 ? 'several' : state}
          onChange={(event) => setQuery({ state: event.currentTarget.value, cursor: '' })}
        >
          <option value="">Any outcome</option>
          {states.length > 1 && <option value="several">{states.map(stateName).join(', ')}</option>}
          {STATES.map((name) => (
            <option key={name} value={name}>
              {stateName(name)}
            </option>
          ))}
        </select>
        {from !== '' && (
          <button onClick={() => setQuery({ from: '', cursor: '' })} title="Remove this filter">
            Since {fullTime(new Date(from))} ✕
          </button>
        )}
        {isFiltered && (
          <button class="plain" onClick={() => setQuery({ state: '', job_id: '', from: '', cursor: '' })}>
            Clear filters
          </button>
        )}
      </div>
      <Card flush>
        <Shown of={loaded}>
          {({ runs, next_cursor: next }) => (
            <>
              {runs.length === 0 ? (
                <Empty title={isFiltered ? 'No run matches these filters' : 'Nothing has run yet'}>
                  <p>
                    {isFiltered
                      ? 'Change them, or clear them.'
                      : 'Runs appear here as soon as a job is due or run by hand.'}
                  </p>
                </Empty>
              ) : (
                <RunTable runs={runs} withJob />
              )}
              <Pager
                label="Pages of runs"
                names={{ first: 'Latest runs', previous: 'Newer runs', next: 'Older runs' }}
                next={next}
              />
            </>
          )}
        </Shown>
      </Card>
    </>
  );
}
