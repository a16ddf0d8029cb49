import type { Job } from '../../../../client/index.js';
import { can } from '../../api.js';
import { Scroll, Time } from '../../components/basics.js';
import { JobState } from '../../components/job-state.js';
import { RecentRuns } from '../../components/recent-runs.js';
import { runNow, togglePause } from '../../job-actions.js';
import { href, query, setQuery } from '../../router.js';
import { triggerText } from '../../trigger-text.js';

interface Column {
  readonly label: string;
  readonly sort: string | null;
  /** Phones have no room for it. */
  readonly isWide?: boolean;
}

const COLUMNS: readonly Column[] = [
  { label: 'Job', sort: 'id' },
  { label: 'Trigger', sort: null, isWide: true },
  { label: 'State', sort: null },
  { label: 'Next run', sort: 'next_run' },
  { label: 'Last run', sort: 'last_run', isWide: true },
  { label: 'Recent', sort: null, isWide: true },
];

function SortHead({ label, sort, isWide }: { label: string; sort: string; isWide: boolean }) {
  const by = query.value.get('sort') ?? 'id';
  const isUp = by === sort;
  const isDown = by === `-${sort}`;
  return (
    <th
      scope="col"
      class={isWide ? 'wide' : undefined}
      aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}
    >
      <button onClick={() => setQuery({ sort: isUp ? `-${sort}` : sort, cursor: '' })}>{label} </button>
    </th>
  );
}

interface JobTableProps {
  readonly jobs: readonly Job[];
  readonly current: number;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onToggle: (id: string) => void;
}

/** A page of jobs. */
export function JobTable({ jobs, current, selected, onSelect, onToggle }: JobTableProps) {
  const isAll = jobs.every(({ id }) => selected.has(id));
  return (
    <Scroll label="Jobs">
      <table class="cards jobs">
        <thead>
          <tr>
            {can('jobs.bulk') && (
              <th>
                <input
                  type="checkbox"
                  aria-label="Select all on this page"
                  checked={isAll}
                  onChange={() => onSelect(isAll ? new Set() : new Set(jobs.map(({ id }) => id)))}
                />
              </th>
            )}
            {COLUMNS.map(({ label, sort, isWide = false }) =>
              sort === null ? (
                <th key={label} scope="col" class={isWide ? 'wide' : undefined}>
                  {label}
                </th>
              ) : (
                <SortHead key={label} label={label} sort={sort} isWide={isWide} />
              ),
            )}
            <th>
              <span class="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job, index) => (
            <tr key={job.id} class={index === current ? 'is-current' : undefined}>
              {can('jobs.bulk') && (
                <td class="pick">
                  <input
                    type="checkbox"
                    aria-label={`Select ${job.id}`}
                    checked={selected.has(job.id)}
                    onChange={() => onToggle(job.id)}
                  />
                </td>
              )}
              <JobCells job={job} />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** The page of a job shows all of them. */
const MOST_TAGS = 4;

function JobCells({ job }: { job: Job }) {
  return (
    <>
      <td class="cell-name">
        <a href={href(['jobs', job.id])}>{job.id}</a>
        <div class="quiet small beneath">
          <span class="about" title={job.name === job.id ? job.func : `${job.name} · ${job.func}`}>
            {job.name !== job.id && `${job.name} · `}
            {job.func}
          </span>
          {job.tags.slice(0, MOST_TAGS).map((tag) => (
            <a key={tag} class="tag" href={href(['jobs'], { tag })}>
              {tag}
            </a>
          ))}
          {job.tags.length > MOST_TAGS && ` +${job.tags.length - MOST_TAGS}`}
        </div>
      </td>
      <td class="mono trigger wide" title={triggerText(job)}>
        <span class="about">{triggerText(job)}</span>
      </td>
      <td data-label="State">
        <JobState job={job} />
      </td>
      <td data-label="Next run">
        <Time at={job.next_run_time} relative />
      </td>
      <td class="wide">
        <Time at={job.last_run?.started_at} relative />
      </td>
      <td class="wide">
        <RecentRuns job={job} />
      </td>
      <td>
        <div class="row-actions">
          {can('jobs.run') && (
            <button class="tiny" onClick={() => runNow(job)} aria-label={`Run ${job.id} now`}>
              Run
            </button>
          )}
          {can('jobs.pause') && (
            <button
              class="tiny"
              onClick={() => togglePause(job)}
              aria-label={`${job.pause ? 'Resume' : 'Pause'} ${job.id}`}
            >
              {job.pause ? 'Resume' : 'Pause'}
            </button>
          )}
        </div>
      </td>
    </>
  );
}
