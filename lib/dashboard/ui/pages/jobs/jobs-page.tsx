import { useEffect, useState } from 'preact/hooks';
import type { GetJobsQuery, Job, JobPage } from '../../../../client/index.js';
import { can, client } from '../../api.js';
import { Card, Empty, PageHead, Shown } from '../../components/basics.js';
import { BulkBar } from '../../components/bulk-bar.js';
import { Pager } from '../../components/pager.js';
import { runNow, togglePause } from '../../job-actions.js';
import { useKeys } from '../../keyboard.js';
import { useLoad } from '../../load.js';
import { href, navigate, query, setQuery } from '../../router.js';
import { CLEARED, JobFilters, SINGLE } from './job-filters.js';
import { JobTable } from './job-table.js';

const LIMIT = 25;
/** The list's query of what stands in the address. */
function readQuery(params: URLSearchParams): GetJobsQuery {
  const one = (name: string): string | undefined => params.get(name) ?? undefined;
  const list = (name: string): string[] | undefined => (params.has(name) ? params.getAll(name) : undefined);
  const read = {
    limit: LIMIT,
    sort: one('sort') ?? 'id',
    text: one('text'),
    state: list('state'),
    trigger: list('trigger'),
    func: list('func'),
    tag: list('tag'),
    last_outcome: list('last_outcome'),
    declared: one('declared'),
    cursor: one('cursor'),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** How many requests one page may take: each looks through some thousand jobs, of which a filter may find none. */
const MOST_REQUESTS = 50;

/** A full page, unless all jobs have been looked through. */
async function findPage(asked: GetJobsQuery, signal: AbortSignal): Promise<JobPage> {
  const jobs: JobPage['jobs'] = [];
  let cursor: string | null = asked.cursor ?? null;
  for (let count = 0; count < MOST_REQUESTS; count++) {
    const limit = LIMIT - jobs.length;
    const page = await client.getJobs({ ...asked, limit, ...(cursor !== null && { cursor }) }, { signal });
    jobs.push(...page.jobs);
    cursor = page.next_cursor;
    if (cursor === null || jobs.length === LIMIT) break;
  }
  return { jobs, next_cursor: cursor };
}

/** Jobs: found by filters that stand in the address, a page at a time. */
export function JobsPage() {
  const params = query.value;
  const asked = readQuery(params);
  const loaded = useLoad(`jobs ${JSON.stringify(asked)}`, (signal) => findPage(asked, signal));
  const [currentId, setCurrent] = useState<string | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const jobs = (loaded.data?.jobs ?? []) as Job[];
  // By its id: rows change their places while somebody looks at them.
  const current = jobs.findIndex(({ id }) => id === currentId);
  const job = jobs[current];
  const move = (to: number): void => setCurrent(jobs[Math.min(jobs.length - 1, Math.max(0, to))]?.id ?? null);
  const toggle = (id: string): void => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    setSelected(next);
  };
  useKeys({
    j: () => move(current + 1),
    k: () => move(current - 1),
    Enter: job && (() => navigate(href(['jobs', job.id]))),
    x: job && can('jobs.bulk') ? () => toggle(job.id) : undefined,
    r: job && (() => runNow(job)),
    p: job && (() => togglePause(job)),
    '/': () => setQuery({ focus: 'search' }),
  });
  useEffect(() => {
    setCurrent(null);
    setSelected(new Set());
  }, [params.toString()]);
  useEffect(() => document.querySelector('tr.is-current')?.scrollIntoView({ block: 'nearest' }), [currentId]);
  const isFiltered = params.has('text') || SINGLE.some((name) => params.has(name));
  return (
    <>
      <PageHead title="Jobs">
        {can('jobs.write') && (
          <a class="button primary" href={href(['new'])}>
            New job
          </a>
        )}
      </PageHead>
      <JobFilters params={params} isFiltered={isFiltered} />
      <Card flush>
        {can('jobs.bulk') && loaded.data && (
          <BulkBar selected={selected} filter={isFiltered ? asked : null} onDone={() => setSelected(new Set())} />
        )}
        <Shown of={loaded}>
          {({ next_cursor: next }) => (
            <>
              {jobs.length === 0 ? (
                <NoJobs isFiltered={isFiltered} isEnd={next === null} />
              ) : (
                <JobTable jobs={jobs} current={current} selected={selected} onSelect={setSelected} onToggle={toggle} />
              )}
              <Pager
                label="Pages of jobs"
                names={{ first: 'First page', previous: 'Previous', next: 'Next' }}
                next={next}
              />
            </>
          )}
        </Shown>
      </Card>
    </>
  );
}

function NoJobs({ isFiltered, isEnd }: { isFiltered: boolean; isEnd: boolean }) {
  if (!isEnd) return <Empty title="None so far">There are more jobs to look through: go to the next page.</Empty>;
  if (isFiltered) {
    return (
      <Empty title="No job matches these filters">
        <button onClick={() => setQuery(CLEARED)}>Clear filters</button>
      </Empty>
    );
  }
  return (
    <Empty title="There are no jobs yet">
      <p>Annotate a method with @ScheduledTask, or add a job here.</p>
      {can('jobs.write') && <a href={href(['new'])}>New job</a>}
    </Empty>
  );
}
