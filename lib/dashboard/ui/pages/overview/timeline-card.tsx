import { useMemo, useState } from 'preact/hooks';
import type { GetStatsResponse, GetTimelineResponse } from '../../../../client/index.js';
import { can, client } from '../../api.js';
import { now } from '../../clock.js';
import { Card, Empty, ErrorNote, Spinner } from '../../components/basics.js';
import { Legend } from '../../components/legend.js';
import { GROUP_NAMES, sumOf } from '../../components/outcomes.js';
import { lanesOf, zoomed, type Range } from '../../components/timeline-lanes.js';
import type { Count } from '../../components/timeline-drawing.js';
import { MOST_LANES, Timeline } from '../../components/timeline.js';
import { count, plural } from '../../format.js';
import { useLoad } from '../../load.js';
import { href } from '../../router.js';

const SPANS = {
  hour: { label: 'Hour', before: 900_000, after: 2_700_000 },
  day: { label: 'Day', before: 21_600_000, after: 64_800_000 },
  week: { label: 'Week', before: 86_400_000, after: 518_400_000 },
} as const;

const MOST_MARKS = 1000;
/** How often past runs are asked for: bars of runs under way grow. */
const PAST_MS = 5000;
const AHEAD_MS = 30_000;
/** The ends of what is asked for are rounded, so that a clock that goes on is no new question each second. */
const ROUNDING_MS = 15_000;

/** The timeline, with past runs and times to come. */
export function TimelineCard({ stats }: { stats: GetStatsResponse | undefined }) {
  const [span, setSpan] = useState<keyof typeof SPANS>('hour');
  const [held, setHeld] = useState<Range | null>(null);
  const { before, after } = SPANS[span];
  const range = held ?? { from: now.value - before, to: now.value + after };
  const from = Math.floor(range.from / ROUNDING_MS) * ROUNDING_MS;
  const to = Math.ceil(range.to / ROUNDING_MS) * ROUNDING_MS;
  const iso = (time: number): string => new Date(time).toISOString();
  const ahead = useLoad(
    `timeline ${from} ${to}`,
    to <= now.value
      ? null
      : (signal) =>
          client.getTimeline({ from: iso(Math.max(from, now.value)), to: iso(to), limit: MOST_MARKS }, { signal }),
    Math.floor(now.value / AHEAD_MS),
  );
  const past = useLoad(
    `past ${from} ${to}`,
    from >= now.value || !can('runs.read')
      ? null
      : (signal) =>
          client.getRuns({ from: iso(from), to: iso(Math.min(to, now.value)), limit: MOST_MARKS }, { signal }),
    Math.floor(now.value / PAST_MS),
  );
  const [last, setLast] = useState({ ahead: ahead.data, past: past.data });
  if ((ahead.data && ahead.data !== last.ahead) || (past.data && past.data !== last.past)) {
    setLast({ ahead: ahead.data ?? last.ahead, past: past.data ?? last.past });
  }
  const shown = { ahead: ahead.data ?? last.ahead, past: past.data ?? last.past };
  const lanes = useMemo(
    () => lanesOf(shown.past?.runs ?? [], shown.ahead?.times ?? [], now.value),
    [shown.past, shown.ahead],
  );
  const counts = useMemo(
    () => [...pastCounts(stats, range), ...comingCounts(shown.ahead)],
    [stats, shown.ahead, from, to],
  );
  const more = (shown.ahead?.counts ?? []).reduce((sum, one) => sum + one.count, 0) - (shown.ahead?.times.length ?? 0);
  const lastTime = shown.ahead?.times.at(-1);
  const listedTo = more > 0 && lastTime ? Date.parse(lastTime.time) : null;
  return (
    <Card
      title="Timeline"
      aside={
        <div class="row">
          <div class="segments" role="group" aria-label="Length of the timeline">
            {Object.entries(SPANS).map(([name, { label }]) => (
              <button
                key={name}
                aria-pressed={held === null && name === span}
                onClick={() => {
                  setSpan(name as keyof typeof SPANS);
                  setHeld(null);
                }}
              >
                {label}
              </button>
            ))}
          </div>
          <button class="tiny" aria-label="Zoom in" onClick={() => setHeld(zoomed(range, 0.5))}>
            +
          </button>
          <button class="tiny" aria-label="Zoom out" onClick={() => setHeld(zoomed(range, 2))}>
            −
          </button>
          {held && (
            <button class="tiny" onClick={() => setHeld(null)}>
              Now
            </button>
          )}
        </div>
      }
    >
      <ErrorNote error={ahead.error ?? past.error} />
      {shown.ahead === undefined && shown.past === undefined ? (
        <Spinner />
      ) : lanes.length === 0 ? (
        <NothingHere hasJobs={stats === undefined || Object.values(stats.jobs).some((found) => found > 0)} />
      ) : (
        <Timeline lanes={lanes} range={range} now={now.value} onRange={setHeld} counts={counts} listedTo={listedTo} />
      )}
      {lanes.length > 0 && (
        <Legend groups={GROUP_NAMES}>
          <span>
            <i class="is-due" />
            Due
          </span>
          {lanes.length > MOST_LANES && <span>{plural(lanes.length, 'job')}: scroll to see all</span>}
          {more > 0 && <span>{plural(more, 'further time')} in this range: zoom in to see them</span>}
          {shown.past?.next_cursor && <span>Only the latest {count(MOST_MARKS)} runs are shown</span>}
        </Legend>
      )}
    </Card>
  );
}

function NothingHere({ hasJobs }: { hasJobs: boolean }) {
  if (hasJobs) {
    return (
      <Empty title="Nothing in this range">
        <p>No job has run or is due. Choose a longer range, or zoom out.</p>
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

function comingCounts(ahead: GetTimelineResponse | undefined): Count[] {
  if (!ahead) return [];
  const starts = ahead.counts.map((one) => Date.parse(one.from));
  const end = Date.parse(ahead.to);
  return ahead.counts.map(({ count }, index) => ({
    from: starts[index] as number,
    to: starts[index + 1] ?? end,
    count,
    group: null,
  }));
}

const HOUR_MS = 3_600_000;

/** What has run, by minute where a range is short, by hour otherwise: a bar for all, and one over it for what failed. */
function pastCounts(stats: GetStatsResponse | undefined, { from, to }: Range): Count[] {
  if (!stats) return [];
  const isShort = to - from <= 4 * HOUR_MS;
  const span = isShort ? 60_000 : HOUR_MS;
  return stats[isShort ? 'minutes' : 'hours'].flatMap(({ start, outcomes }) => {
    const range = { from: Date.parse(start), to: Date.parse(start) + span };
    const failed = sumOf(outcomes, 'failed');
    const all = GROUP_NAMES.reduce((sum, group) => sum + sumOf(outcomes, group), 0);
    return [
      { ...range, count: all, group: 'succeeded' as const },
      { ...range, count: failed, group: 'failed' as const },
    ];
  });
}
