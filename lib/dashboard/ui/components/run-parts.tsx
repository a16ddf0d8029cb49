import type { Run } from '../../../client/index.js';
import { now } from '../clock.js';
import { duration, fullTime, shortRunId, stateName } from '../format.js';
import { href } from '../router.js';
import { Badge, Scroll, Time } from './basics.js';
import { isActive } from './outcomes.js';

const TALLEST = 22;

/** The last runs of a job as bars: the colour is the outcome, the height the duration beside the longest. */
export function Strip({ runs }: { runs: readonly Run[] }) {
  const longest = Math.max(...runs.map((run) => run.duration ?? 0), 1e-9);
  return (
    <span class="strip">
      {runs.toReversed().map((run) => {
        const tall = run.duration === null ? 8 : 6 + ((TALLEST - 6) * run.duration) / longest;
        const text = `${stateName(run.state)}${run.duration === null ? '' : ` in ${duration(run.duration)}`}, ${run.started_at === null ? 'not started' : fullTime(new Date(run.started_at))}`;
        return (
          <a
            key={run.id}
            class={`is-${run.state}`}
            href={href(['runs', run.id])}
            style={{ height: `${tall}px` }}
            title={text}
            aria-label={text}
          />
        );
      })}
    </span>
  );
}

/** Runs as a table. */
export function RunTable({ runs, withJob, current }: { runs: readonly Run[]; withJob: boolean; current?: number }) {
  return (
    <Scroll label="Runs">
      <table class="cards runs">
        <thead>
          <tr>
            <th scope="col">Run</th>
            {withJob && <th scope="col">Job</th>}
            <th scope="col">Outcome</th>
            <th scope="col">Started</th>
            <th scope="col" class="number">
              Duration
            </th>
            <th scope="col" class="number wide">
              Attempt
            </th>
            <th scope="col" class="wide">
              Node
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run, index) => (
            <tr key={run.id} class={index === current ? 'is-current' : undefined}>
              <td class="nowrap">
                <a class="mono" href={href(['runs', run.id])}>
                  {shortRunId(run.id)}
                </a>{' '}
                <span class="quiet small">{run.cause}</span>
              </td>
              {withJob && (
                <td class="cell-name" data-label="Job">
                  <a href={href(['jobs', run.job_id])}>{run.job_id}</a>
                </td>
              )}
              <td data-label="Outcome">
                <Badge state={run.state} /> <Why run={run} />
              </td>
              <td data-label="Started">
                <Time at={run.started_at ?? run.fire_time} />
              </td>
              <td class="number" data-label="Duration">
                {isActive(run.state) && run.progress !== null ? (
                  <progress value={run.progress} max={1} aria-label="Progress" />
                ) : isActive(run.state) ? (
                  <Elapsed since={run.started_at ?? run.fire_time} />
                ) : (
                  duration(run.duration)
                )}
              </td>
              <td class="number wide">{run.attempt}</td>
              <td class="quiet wide node" title={run.node}>
                {run.node}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** How long a run has taken so far. */
function Elapsed({ since }: { since: string | null }) {
  const seconds = since === null ? 0 : Math.round((now.value - Date.parse(since)) / 1000);
  return <span class="quiet">{seconds < 1 ? '< 1 s' : duration(seconds)}</span>;
}

function Why({ run }: { run: Run }) {
  const text = run.error?.message ?? run.reason ?? run.unreadable;
  return text === undefined || text === null ? null : (
    <span class="quiet small why">{text.length > 90 ? `${text.slice(0, 90)}…` : text}</span>
  );
}
