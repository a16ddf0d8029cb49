import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Job, Run, RunError } from '../../../client/index.js';
import { act } from '../act.js';
import { can, client } from '../api.js';
import { now } from '../clock.js';
import { Badge, Card, Facts, Json, PageHead, Shown, Time } from '../components/basics.js';
import { ask } from '../components/dialog.js';
import { isActive } from '../components/outcomes.js';
import { clockText, duration, shortRunId } from '../format.js';
import { useLoad } from '../load.js';
import { href, navigate } from '../router.js';

/** One run: how it went, and all that it left behind. */
export function RunPage({ id }: { id: string }) {
  const loaded = useLoad(`run ${id}`, (signal) => client.getRun(id, { signal }));
  const jobId = loaded.data?.job_id;
  const job = useLoad(
    `job of run ${jobId}`,
    jobId !== undefined && can('jobs.read') ? (signal) => client.getJob(jobId, { signal }) : null,
  );
  return (
    <>
      <PageHead
        title={`Run ${shortRunId(id)}`}
        back={jobId === undefined ? <a href={href(['runs'])}>Runs</a> : <a href={href(['jobs', jobId])}>{jobId}</a>}
      >
        {loaded.data && <Actions run={loaded.data} isJobThere={job.data !== undefined} />}
      </PageHead>
      <Shown of={loaded}>{(run) => <Details run={run} job={job.data} />}</Shown>
    </>
  );
}

function Actions({ run, isJobThere }: { run: Run; isJobThere: boolean }) {
  const cancel = async (): Promise<void> => {
    const answer = await ask({
      title: 'Cancel this run?',
      text: 'Its task is told to stop. What it has already done is not undone.',
      confirm: 'Cancel the run',
      dismiss: 'Keep it running',
      isDangerous: true,
    });
    if (answer) await act(`Cancelled the run ${shortRunId(run.id)}`, () => client.cancelRun(run.id));
  };
  const again = async (): Promise<void> => {
    const given = run.given ?? { args: null, kwargs: null };
    const options = { ...(given.args && { args: given.args }), ...(given.kwargs && { kwargs: given.kwargs }) };
    await act(`Started ${run.job_id}`, async () => {
      const started = await client.startRun(run.job_id, options);
      navigate(href(['runs', started.id]));
    });
  };
  const remove = async (): Promise<void> => {
    const answer = await ask({
      title: 'Remove this run?',
      text: 'It is removed from the history. A retry that is still to come is removed too.',
      confirm: 'Remove',
      isDangerous: true,
    });
    if (answer && (await act(`Removed the run ${shortRunId(run.id)}`, () => client.deleteRun(run.id))))
      navigate(href(['jobs', run.job_id]));
  };
  return (
    <>
      {isActive(run.state) && can('runs.cancel') && (
        <button class="danger" onClick={cancel}>
          Cancel
        </button>
      )}
      {run.settled && can('runs.remove') && (
        <button class="danger" onClick={remove}>
          Remove
        </button>
      )}
      {isJobThere && can('jobs.run') && (
        <button class="primary" onClick={again}>
          Run again
        </button>
      )}
    </>
  );
}

/** How far from the end of a log somebody still reads its end, in pixels. */
const NEAR_END = 30;

const CAUSES: Readonly<Record<string, string>> = {
  schedule: 'the schedule',
  start: 'the start of the scheduler',
  manual: 'a manual run',
  retry: 'a retry of a failed run',
};

function Details({ run, job }: { run: Run; job: Job | undefined }) {
  const took = run.duration ?? (run.started_at === null ? null : (now.value - Date.parse(run.started_at)) / 1000);
  const late =
    run.started_at === null || run.fire_time === null || run.cause === 'manual'
      ? null
      : (Date.parse(run.started_at) - Date.parse(run.fire_time)) / 1000;
  const given = run.given;
  return (
    <div class="stack">
      {run.unreadable !== undefined && <p class="error-note">This run cannot be read: {run.unreadable}</p>}
      {run.state === 'running' && run.started_at === null && (
        <p class="quiet">
          It waits for its turn, or has just begun on another node than the one that answers: then that shows here
          within seconds.
        </p>
      )}
      {run.state === 'handed_over' && (
        <p class="quiet">
          {run.started_at === null
            ? `The executor “${run.executor}” has it, outside of the scheduler. No worker has begun it yet.`
            : `The executor “${run.executor}” has it, outside of the scheduler. It runs ${run.worker === null ? 'there' : `on ${run.worker}`}.`}
        </p>
      )}
      {run.reason === 'other node' && (
        <p class="quiet">
          It was asked for on a node that makes no runs of the job’s executor, or was drained.{' '}
          {run.retry_at === null ? 'Another node has made it' : 'Another node makes it'}: see the runs of{' '}
          <a href={href(['jobs', run.job_id])}>{run.job_id}</a>.
        </p>
      )}
      <div class="columns">
        <Card title="Outcome">
          <Facts
            of={[
              ['State', <Badge state={run.state} />],
              run.reason !== null && ['Reason', run.reason],
              run.progress !== null && [
                'Progress',
                <>
                  <progress value={run.progress} max={1} aria-label="Progress" /> {Math.round(run.progress * 100)} %
                </>,
              ],
              ['Task', <code>{run.func}</code>],
              ['Started by', CAUSES[run.cause ?? ''] ?? '–'],
              ['Node', run.node],
              run.executor !== null && ['Executor', run.executor],
              run.worker !== null && ['Worker', run.worker],
              ['Job store', run.jobstore],
            ]}
          />
        </Card>
        <Card title="Times">
          <Facts
            of={[
              ['Scheduled', <Time at={run.scheduled_run_time} full />],
              ['Started', <Time at={run.started_at} full />],
              ['Ended', <Time at={run.finished_at} full />],
              ['Duration', duration(took === null ? null : Math.max(0, took))],
              ['Lateness', duration(late === null ? null : Math.max(0, late))],
              [
                'Attempt',
                <>
                  {run.attempt}
                  {run.retry_of !== null && (
                    <>
                      , a retry of <a href={href(['runs', run.retry_of])}>{shortRunId(run.retry_of)}</a>
                    </>
                  )}
                </>,
              ],
              run.retry_at !== null && ['Next attempt', <Time at={run.retry_at} relative />],
            ]}
          />
        </Card>
      </div>
      {run.error && (
        <Card title="Error">
          <Thrown error={run.error} />
        </Card>
      )}
      {run.log.length > 0 && (
        <Card title="Log">
          <Log lines={run.log} isLive={!run.settled} />
        </Card>
      )}
      {(run.result !== null || run.result_omitted !== null) && (
        <Card title="Result">
          {run.result_omitted === null ? <Json value={run.result} /> : <p class="quiet">{run.result_omitted}</p>}
        </Card>
      )}
      <Card
        title="Arguments"
        aside={<span class="quiet small">{given ? 'given for this run' : job ? 'of the job, as it is now' : ''}</span>}
      >
        {given || job ? (
          <Json
            value={{
              args: given?.args ?? job?.args ?? 'those of the job',
              kwargs: given?.kwargs ?? job?.kwargs ?? 'those of the job',
            }}
          />
        ) : (
          <p class="quiet">Those of the job, which cannot be shown here.</p>
        )}
      </Card>
    </div>
  );
}

/** While a run is under way, its latest line is in view, unless somebody has scrolled back. */
function Log({ lines, isLive }: { lines: Run['log']; isLive: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(isLive);
  useLayoutEffect(() => {
    if (isAtEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines]);
  return (
    <div
      ref={box}
      class="log"
      tabIndex={0}
      role="log"
      onScroll={({ currentTarget: { clientHeight, scrollHeight, scrollTop } }) => {
        isAtEnd.current = isLive && scrollTop + clientHeight >= scrollHeight - NEAR_END;
      }}
    >
      {lines.map(({ time, message }, index) => (
        <p key={index}>
          <time dateTime={time} class="quiet">
            {clockText(new Date(time), true)}
          </time>
          <span>{message}</span>
        </p>
      ))}
    </div>
  );
}

function Thrown({ error }: { error: RunError }) {
  const head = `${error.name}: ${error.message}`;
  // The note above says that already.
  const stack = error.stack?.startsWith(head)
    ? error.stack.slice(head.length).replace(/^\s*\n/, '')
    : (error.stack ?? '');
  return (
    <div class="stack">
      <p class="error-note">{head}</p>
      {stack !== '' && <Json value={stack} />}
      {error.cause && (
        <div>
          <h3>Caused by</h3>
          <Thrown error={error.cause} />
        </div>
      )}
      {error.errors?.map((one, index) => (
        <Thrown key={index} error={one} />
      ))}
    </div>
  );
}
