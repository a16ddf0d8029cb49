import { useMemo, useState } from 'preact/hooks';
import type { GetStatsResponse, GetTimelineResponse, RunPage } from '../../../../client/index.js';
import { can } from '../../api.js';
import { now } from '../../clock.js';
import { Card, Empty, ErrorNote, Spinner } from '../../components/basics.js';
import { Legend } from '../../components/legend.js';
import { GROUP_NAMES, groupOf, sumOf } from '../../components/outcomes.js';
import { lanesOf, zoomed, type Range } from '../../components/timeline-lanes.js';
import type { Count } from '../../components/timeline-drawing.js';
import { MOST_LANES, Timeline } from '../../components/timeline.js';
import { count, plural } from '../../format.js';
import { href } from '../../router.js';
import { MOST_RUNS, useTimeline } from './use-timeline.js';

const SPANS = {
  hour: { label: 'Hour', before: 900_000, after: 2_700_000 },
  day: { label: 'Day', before: 21_600_000, after: 64_800_000 },
  week: { label: 'Week', before: 86_400_000, after: 518_400_000 },
} as const;

/** The timeline, with past runs and times to come. */
export function TimelineCard({ stats }: { stats: GetStatsResponse | undefined }) {
  const [span, setSpan] = useState<keyof typeof SPANS>('hour');
  const [held, setHeld] = useState<Range | null>(null);
  const { before, after } = SPANS[span];
  const range = held ?? { from: now.value - before, to: now.value + after };
  const { ahead, error, past } = useTimeline(range);
  const lanes = useMemo(() => lanesOf(past?.runs ?? [], ahead, now.value), [past, ahead]);
  const counts = useMemo(() => [...pastCounts(stats, range), ...comingCounts(ahead)], [stats, ahead, past]);
  const more = (ahead?.counts ?? []).reduce((sum, one) => sum + one.count, 0) - listedIn(ahead);
  // Most applications hand nothing over.
  const groups = GROUP_NAMES.filter(
    (group) => group !== 'handed_over' || past?.runs.some(({ state }) => groupOf(state) === group),
  );
  const isOften = ahead?.times.some((one) => one.count > 1) === true;
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
      <ErrorNote error={error} />
      {ahead === undefined && past === undefined ? (
        <Spinner />
      ) : lanes.length === 0 ? (
        <NothingHere hasJobs={stats === undefined || Object.values(stats.jobs).some((found) => found > 0)} />
      ) : (
        <Timeline
          {...{ lanes, range, counts }}
          now={now.value}
          onRange={setHeld}
          listed={{ from: firstListed(past), to: lastListed(ahead, more > 0) }}
        />
      )}
      {lanes.length > 0 && (
        <Legend groups={groups}>
          <span>
            <i class="is-due" />
            Due
          </span>
          {isOften && (
            <span>
              <i class="is-often" />
              Due often: the height says how often
            </span>
          )}
          {lanes.length > MOST_LANES && <span>{plural(lanes.length, 'job')}: scroll to see all</span>}
          {more > 0 && <span>{plural(more, 'further time')} in this range: zoom in to see them</span>}
          {past?.next_cursor && <span>Only the latest {count(MOST_RUNS)} runs are shown</span>}
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

const listedIn = (ahead: GetTimelineResponse | undefined): number =>
  (ahead?.times ?? []).reduce((sum, one) => sum + one.count, 0);

/** Before this there are runs that are not shown. */
function firstListed(past: RunPage | undefined): number {
  const last = past?.next_cursor ? past.runs.at(-1) : undefined;
  return Date.parse(last?.started_at ?? last?.fire_time ?? '') || -Infinity;
}

/** After this there are times that are not shown, or not even known. */
function lastListed(ahead: GetTimelineResponse | undefined, isCut: boolean): number {
  const counted = ahead && ahead.counted_to < ahead.to ? Date.parse(ahead.counted_to) : Infinity;
  return isCut ? Math.min(counted, Date.parse(ahead?.times.at(-1)?.time ?? '') || Infinity) : counted;
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
