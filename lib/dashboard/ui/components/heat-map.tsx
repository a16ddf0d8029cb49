import { useMemo, useState } from 'preact/hooks';
import type { Job, Run } from '../../../client/index.js';
import { client } from '../api.js';
import { currentTime, now } from '../clock.js';
import { dateKey, dayText, monthText, plural, weekdayText, zone } from '../format.js';
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
  const [chosen, choose] = useState<number | null>(null);
  const busiest = Math.max(1, ...days.map((day) => day.runs));
  const total = days.reduce((sum, day) => sum + day.runs, 0);
  const last = days.length - 1;
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -7, ArrowRight: 7 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    choose(chosen === null ? last : Math.min(last, Math.max(0, chosen + by)));
  };
  return (
    <>
      <div
        class="heat"
        role="group"
        aria-label={`${plural(total, 'run')} in the last ${WEEKS} weeks, by day. The arrow keys go through the days.`}
        tabIndex={0}
        onKeyDown={onKey}
        onBlur={() => choose(null)}
        onPointerLeave={() => choose(null)}
      >
        {monthsOf(days).map(([week, name]) => (
          <span key={week} class="month" style={{ gridColumn: `${week + 2} / span 3` }}>
            {name}
          </span>
        ))}
        {[0, 2, 4, 6].map((row) => (
          <span key={row} style={{ gridRow: row + 2 }}>
            {weekdayText((days[row] as Day).time, 'UTC')}
          </span>
        ))}
        {days.map((day, index) => (
          <i
            key={day.key}
            data-level={levelOf(day.runs, busiest)}
            class={`${day.failed > 0 ? 'has-failed' : ''}${index === chosen ? ' is-chosen' : ''}`}
            style={{ gridColumn: Math.floor(index / 7) + 2, gridRow: (index % 7) + 2 }}
            onPointerEnter={() => choose(index)}
            onPointerDown={() => choose(index)}
          />
        ))}
      </div>
      <p class="small" role="status">
        {chosen === null ? (
          <span class="quiet">{`${plural(total, 'run')} in ${WEEKS} weeks${isPart ? `: only the latest ${MOST}` : ''}`}</span>
        ) : (
          textOf(days[chosen] as Day)
        )}
      </p>
      <div class="legend heat-legend">
        <span>
          Fewer{' '}
          {[0, 1, 2, 3].map((level) => (
            <i key={level} data-level={level} />
          ))}
          More
        </span>
        <span>
          <i data-level={2} class="has-failed" />
          With failures
        </span>
      </div>
    </>
  );
}

const levelOf = (runs: number, busiest: number): number => Math.ceil((3 * runs) / busiest);

const textOf = ({ time, runs, failed }: Day): string =>
  `${dayText(time, 'UTC')}: ${plural(runs, 'run')}${failed > 0 ? `, ${failed} failed` : ''}`;

/** The names of the months, each above the first week that begins in it. */
function monthsOf(days: readonly Day[]): readonly (readonly [week: number, name: string])[] {
  const months = Array.from({ length: WEEKS }, (_, week) => [week, (days[7 * week] as Day).time] as const)
    .filter(([week, time]) => week === 0 || time.getUTCDate() <= 7)
    .map(([week, time]) => [week, monthText(time, 'UTC')] as const);
  // The first week may end a month: then it has no room for its name.
  return (months[1]?.[0] ?? WEEKS) < 3 ? months.slice(1) : months;
}

/** Days from a Monday until today. */
function daysOf(runs: readonly Run[], timeZone: string): readonly Day[] {
  const today = Date.parse(dateKey(new Date(currentTime()), timeZone));
  const before = (WEEKS - 1) * 7 + ((new Date(today).getUTCDay() + 6) % 7);
  const days = Array.from({ length: before + 1 }, (_, index): Day => {
    // Days of the calendar, at midnight UTC: no change of the clocks makes one longer.
    const time = new Date(today - (before - index) * DAY_MS);
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
