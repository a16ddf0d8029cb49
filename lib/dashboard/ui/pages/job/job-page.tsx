import { NotFoundError, type Job } from '../../../../client/index.js';
import { can, client } from '../../api.js';
import { AuditTable } from '../../components/audit-table.js';
import { Card, Empty, PageHead, Shown, Time } from '../../components/basics.js';
import { HeatMap } from '../../components/heat-map.js';
import { JobState } from '../../components/job-state.js';
import { RunTable } from '../../components/run-parts.js';
import { remove, runNow, togglePause } from '../../job-actions.js';
import { useKeys } from '../../keyboard.js';
import { useLoad } from '../../load.js';
import { href, navigate, query } from '../../router.js';
import { triggerText } from '../../trigger-text.js';
import { DurationsCard } from './durations-card.js';
import { JobFacts } from './job-facts.js';
import { RunWith } from './run-with.js';
import { ScheduleCard } from './schedule-card.js';

const RUNS = 60;
const LISTED = 15;
const AHEAD = 8;

/** One job: when it runs, how it went, and what can be done to it. */
export function JobPage({ id }: { id: string }) {
  const job = useLoad(`job ${id}`, (signal) => client.getJob(id, { signal }));
  // The times change with each run, and with each edit.
  const seen = `${job.data?.next_run_time} ${job.data && triggerText(job.data)}`;
  const next = useLoad(
    `next ${id}`,
    job.data && job.data.unreadable === undefined
      ? (signal) => client.getNextRunTimes(id, { count: AHEAD }, { signal })
      : null,
    seen,
  );
  const lastRun = job.data?.last_run;
  const runs = useLoad(
    `runs of ${id}`,
    can('runs.read') ? (signal) => client.getJobRuns(id, { limit: RUNS }, { signal }) : null,
    `${lastRun?.id} ${lastRun?.state}`,
  );
  const loaded = job.data;
  useKeys({
    r: loaded && (() => runNow(loaded)),
    p: loaded && (() => togglePause(loaded)),
    e: loaded && can('jobs.write') ? () => navigate(href(['jobs', id, 'edit'])) : undefined,
  });
  if (job.error instanceof NotFoundError) {
    return (
      <>
        <PageHead title={id} back={<a href={href(['jobs'])}>Jobs</a>} />
        <Empty title="There is no such job, or no longer">
          <p>
            It was removed, or has run for the last time. <a href={href(['runs'], { job_id: id })}>Its runs</a> may
            still be there.
          </p>
        </Empty>
      </>
    );
  }
  return (
    <>
      <PageHead title={id} back={<a href={href(['jobs'])}>Jobs</a>}>
        {loaded && <Actions job={loaded} />}
      </PageHead>
      <Shown of={job}>
        {(data) => (
          <div class="stack">
            {data.unreadable !== undefined && (
              <p class="error-note">This job cannot be read, and does not run: {data.unreadable}</p>
            )}
            <Held job={data} />
            <div class="columns">
              <ScheduleCard job={data} next={next.data} />
              <JobFacts job={data} />
            </div>
            {runs.data && runs.data.runs.length > 0 && (
              <div class="columns">
                <DurationsCard runs={runs.data.runs} />
                <HeatMap job={data} />
              </div>
            )}
            {can('runs.read') && (
              <Card title="Runs" flush aside={<a href={href(['runs'], { job_id: id })}>All runs</a>}>
                <Shown of={runs}>
                  {(page) =>
                    page.runs.length === 0 ? (
                      <Empty title="It has not run yet">
                        {can('jobs.run') && <p>Run it now, or wait for its next time.</p>}
                      </Empty>
                    ) : (
                      <RunTable runs={page.runs.slice(0, LISTED)} withJob={false} />
                    )
                  }
                </Shown>
              </Card>
            )}
            {can('audit.read') && <AuditCard id={id} />}
          </div>
        )}
      </Shown>
      {loaded && query.value.has('run') && <RunWith job={loaded} />}
    </>
  );
}

const AUDITED = 8;

/** Who did what to the job. */
function AuditCard({ id }: { id: string }) {
  const loaded = useLoad(`audit of ${id}`, (signal) => client.getAudit({ job_id: id, limit: AUDITED }, { signal }));
  return (
    <Card title="Audit trail" flush aside={<a href={href(['audit'], { job_id: id })}>All entries</a>}>
      <Shown of={loaded}>
        {({ entries }) =>
          entries.length === 0 ? (
            <Empty title="Nobody has changed it" />
          ) : (
            <AuditTable entries={entries} withJob={false} />
          )
        }
      </Shown>
    </Card>
  );
}

function Actions({ job }: { job: Job }) {
  const removeIt = async (): Promise<void> => {
    if (await remove(job)) navigate(href(['jobs']));
  };
  return (
    <>
      <JobState job={job} />
      {can('jobs.write') && (
        <>
          <button class="danger" onClick={removeIt}>
            Remove
          </button>
          <a class="button" href={href(['new', job.id])}>
            Copy
          </a>
          <a class="button" href={href(['jobs', job.id, 'edit'])}>
            Edit
          </a>
        </>
      )}
      {can('jobs.pause') && <button onClick={() => togglePause(job)}>{job.pause ? 'Resume' : 'Pause'}</button>}
      {can('jobs.run') && (
        <>
          <a class="button" href={href(['jobs', job.id], { run: '1' })}>
            Run with …
          </a>
          <button class="primary" onClick={() => runNow(job)}>
            Run now
          </button>
        </>
      )}
    </>
  );
}

/** Why it does not run. */
function Held({ job }: { job: Job }) {
  if (job.waiting_for !== null) {
    return <p class="warn-note">It waits for {job.waiting_for}.</p>;
  }
  if (job.pause) {
    const { since, actor, note, reason } = job.pause;
    return (
      <p class="warn-note">
        Paused {reason === 'failures' ? `after ${job.failures} failures in a row` : actor === null ? '' : `by ${actor}`}{' '}
        <Time at={since} relative />
        {note !== null && `: ${note}`}
      </p>
    );
  }
  return job.enabled ? null : <p class="warn-note">Its declaration says that it is not enabled.</p>;
}
