import { useState } from 'preact/hooks';
import type { GetTimelineResponse, RunPage } from '../../../../client/index.js';
import { can, client } from '../../api.js';
import { now } from '../../clock.js';
import type { Range } from '../../components/timeline-lanes.js';
import { useLoad } from '../../load.js';

/** How many runs are asked for at once, and how many times to come. */
export const MOST_RUNS = 1000;
const MOST_TIMES = 5000;
/** How many times of one job have room beside one another. */
const CELLS = innerWidth < 600 ? 50 : 150;
/** How often past runs are asked for: bars of runs under way grow. Where there are more than can be shown, each answer is another picture. */
const PAST_MS = 5000;
const MANY_PAST_MS = 20_000;
const AHEAD_MS = 30_000;
/** So many times take long to find. */
const MANY_TIMES = 2000;
const MANY_AHEAD_MS = 60_000;
/** The ends of what is asked for are rounded to this part of it: a clock that goes on is no new question each second. */
const ROUNDING = 1 / 60;

interface TimelineData {
  readonly ahead: GetTimelineResponse | undefined;
  readonly past: RunPage | undefined;
  readonly error: Error | undefined;
}

/** What has run and what is due in a range of time; what was shown stays while another range is asked for. */
export function useTimeline(range: Range): TimelineData {
  const span = Math.ceil((range.to - range.from) / 1000) * 1000;
  const rounding = Math.max(1000, Math.round((span * ROUNDING) / 1000) * 1000);
  const from = Math.floor(range.from / rounding) * rounding;
  const to = Math.ceil(range.to / rounding) * rounding;
  const iso = (time: number): string => new Date(time).toISOString();
  const [last, setLast] = useState<Pick<TimelineData, 'ahead' | 'past'>>({ ahead: undefined, past: undefined });
  const ahead = useLoad(
    `timeline ${from} ${to}`,
    to <= now.value
      ? null
      : (signal) =>
          client.getTimeline(
            {
              ...{ from: iso(Math.max(from, now.value)), to: iso(to), limit: MOST_TIMES },
              resolution: Math.max(1, Math.round(span / 1000 / CELLS)),
            },
            { signal },
          ),
    Math.floor(now.value / ((last.ahead?.times.length ?? 0) > MANY_TIMES ? MANY_AHEAD_MS : AHEAD_MS)),
  );
  const past = useLoad(
    `past ${from} ${to}`,
    from >= now.value || !can('runs.read')
      ? null
      : (signal) => client.getRuns({ from: iso(from), to: iso(Math.min(to, now.value)), limit: MOST_RUNS }, { signal }),
    Math.floor(now.value / (last.past?.next_cursor ? MANY_PAST_MS : PAST_MS)),
  );
  if ((ahead.data && ahead.data !== last.ahead) || (past.data && past.data !== last.past)) {
    setLast({ ahead: ahead.data ?? last.ahead, past: past.data ?? last.past });
  }
  return { ahead: ahead.data ?? last.ahead, past: past.data ?? last.past, error: ahead.error ?? past.error };
}
