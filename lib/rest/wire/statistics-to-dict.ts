import type { RunSummary, SchedulerStatistics, SpanCounts } from '../../engine/model/statistics.js';
import type { Timeline } from '../../engine/model/timeline.js';
import { formatDate } from '../../engine/time/iso-date.js';

type WireObject = Record<string, unknown>;

/** Durations and lateness are in seconds, times in UTC. */
export function statisticsToDict({ hours, jobs, lastDay, lastHour, minutes }: SchedulerStatistics): WireObject {
  return {
    jobs,
    minutes: minutes.map(spanToDict),
    hours: hours.map(spanToDict),
    last_hour: summaryToDict(lastHour),
    last_day: summaryToDict(lastDay),
  };
}

/** Times are in UTC. */
export function timelineToDict({ countedTo, counts, entries, from, resolution, to }: Timeline): WireObject {
  return {
    from: formatDate(from, 'UTC'),
    to: formatDate(to, 'UTC'),
    counted_to: formatDate(countedTo, 'UTC'),
    resolution,
    times: entries.map(({ count, jobId, jobStore, time }) => ({
      time: formatDate(time, 'UTC'),
      job_id: jobId,
      jobstore: jobStore,
      count,
    })),
    counts: counts.map(({ count, from: start }) => ({ from: formatDate(start, 'UTC'), count })),
  };
}

function spanToDict({ outcomes, start }: SpanCounts): WireObject {
  return { start: formatDate(start, 'UTC'), outcomes };
}

function summaryToDict({ duration, lateness, outcomes }: RunSummary): WireObject {
  return { outcomes, duration: duration && inSeconds(duration), lateness: lateness && inSeconds(lateness) };
}

function inSeconds(percentiles: object): WireObject {
  return Object.fromEntries(Object.entries(percentiles).map(([name, ms]) => [name, Number(ms) / 1000]));
}
