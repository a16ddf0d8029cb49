import { useMemo } from 'preact/hooks';
import type { Job, Run } from '../../../client/index.js';
import { client } from '../api.js';
import { currentTime, now } from '../clock.js';
import { dateKey, dayText, plural, zone } from '../format.js';
import { useLoad } from '../load.js';
import { groupOf } from './outcomes.js';
import { Card, Shown } from './basics.js';

const WEEKS = 13;
const DAY_MS = 86_400_000;
const MOST = 1000;
/** Days change slowly, and a thousand runs are much to ask for. */
const AGAIN_MS = 60_000;

interface Day {
  readonly key: string;
  readonly time: Date;
  runs: number;
  failed: number;
}

/** How often a job ran on each day of the last quarter, as far as its history goes. */
export function HeatMap({ job }: { job: Job }) {
  const from = useMemo(() => new Date(currentTime() - WEEKS * 7 * DAY_MS).toISOString(), []);
  const loaded = useLoad(
    `heat ${job.id}`,
    (signal) => client.getJobRuns(job.id, { from, limit: MOST }, { signal }),
    Math.floor(now.value / AGAIN_MS),
  );
  return (
    <Card title="Calendar">
      <Shown of={loaded}>{({ runs, next_cursor: next }) => <Days runs={runs} isPart={next !== null} />}</Shown>
    </Card>
  );
}

function Days({ runs, isPart }: { runs: readonly Run[]; isPart: boolean }) {
  const inZone = zone.value;
  const days = useMemo(() => daysOf(runs, inZone), [runs, inZone]);
  const busiest = Math.max(1, ...days.map((day) => day.runs));
  return (
    <>
      <div
        class="heat"
        role="img"
        aria-label={`Runs per day: ${
          days
            .filter((day) => day.runs > 0)
            .map(textOf)
            .join('; ') || 'none'
        }`}
      >
        {days.map((day) => (
          <i
            key={day.key}
            data-level={day.runs === 0 ? 0 : Math.ceil((3 * day.runs) / busiest)}
            class={day.failed > 0 ? 'has-failed' : undefined}
            title={textOf(day)}
          />
        ))}
      </div>
      <p class="quiet small">
        {isPart && `Only the latest ${MOST} runs. `}Each square is a day, each column a week. A red edge marks days with
        failures.
      </p>
    </>
  );
}

const textOf = ({ time, runs, failed }: Day): string =>
  `${dayText(time, 'UTC')}: ${plural(runs, 'run')}${failed > 0 ? `, ${failed} failed` : ''}`;

/** Whole weeks, the last of which ends with today. */
function daysOf(runs: readonly Run[], timeZone: string): readonly Day[] {
  const today = Date.parse(dateKey(new Date(currentTime()), timeZone));
  const days = Array.from({ length: WEEKS * 7 }, (_, index): Day => {
    // Days of the calendar, at midnight UTC: no change of the clocks makes one longer.
    const time = new Date(today - (WEEKS * 7 - 1 - index) * DAY_MS);
    return { key: time.toISOString().slice(0, 10), time, runs: 0, failed: 0 };
  });
  const byKey = new Map(days.map((day) => [day.key, day]));
  for (const run of runs) {
    const day = run.started_at === null ? undefined : byKey.get(dateKey(new Date(run.started_at), timeZone));
    if (!day) continue;
    day.runs++;
    if (groupOf(run.state) === 'failed') day.failed++;
  }
  return days;
}
