import type { GetTimelineResponse, Run } from '../../../client/index.js';
import { groupOf, isActive, type Group } from './outcomes.js';

/** A range of time, in epoch milliseconds. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A run that was made, or a time at which one is due. */
export interface Mark {
  readonly lane: string;
  readonly from: number;
  /** Of a time to come, the same as its beginning; of many, where the next ones begin, or as long after it as a cell. */
  readonly to: number;
  /** How many times to come it stands for. */
  readonly count: number;
  /** Null for a time to come. */
  readonly group: Group | null;
  readonly state: string;
  readonly runId: string | null;
}

export interface Lane {
  readonly name: string;
  readonly marks: readonly Mark[];
}

const SHORTEST_MS = 10_000;
const LONGEST_MS = 366 * 86_400_000;

/** A range that is longer or shorter, with what is at a part of it in the same place. */
export function zoomed({ from, to }: Range, factor: number, part = 0.5): Range {
  const span = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (to - from) * factor));
  const at = from + (to - from) * part;
  return { from: at - span * part, to: at + span * (1 - part) };
}

/** The times to come that the API has listed. */
export type Ahead = Pick<GetTimelineResponse, 'times' | 'resolution'>;

/**
 * One lane for each job. Those with what happened or happens nearest to now come first; by its magnitude, since an order by the second
 * would be another one at each look.
 */
export function lanesOf(runs: readonly Run[], ahead: Ahead | undefined, now: number): readonly Lane[] {
  const lanes = new Map<string, Mark[]>();
  const add = (mark: Mark): void => {
    const lane = lanes.get(mark.lane);
    if (lane) lane.push(mark);
    else lanes.set(mark.lane, [mark]);
  };
  for (const run of runs) {
    const begun = run.started_at ?? run.fire_time ?? run.scheduled_run_time;
    if (begun === null) continue;
    const from = Date.parse(begun);
    const to = isActive(run.state) ? now : Date.parse(run.finished_at ?? begun);
    add({ lane: run.job_id, from, to, count: 1, group: groupOf(run.state), state: run.state, runId: run.id });
  }
  const cellMs = (ahead?.resolution ?? 0) * 1000;
  for (const { count, time, job_id: lane } of ahead?.times ?? []) {
    const from = Date.parse(time);
    add({ lane, from, to: count === 1 ? from : from + cellMs, count, group: null, state: 'due', runId: null });
  }
  const distance = (marks: readonly Mark[]): number =>
    magnitudeOf(marks.reduce((least, { from }) => Math.min(least, Math.abs(from - now)), Infinity));
  return Array.from(lanes, ([name, marks]) => ({
    name,
    marks: joined(
      marks.sort((a, b) => a.from - b.from),
      cellMs,
    ),
    at: distance(marks),
  }))
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
    .map(({ name, marks }) => ({ name, marks }));
}

/** Has marks of many times last until the next ones of the job, if these are near: then their rate is not that of parts of cells. */
function joined(marks: readonly Mark[], cellMs: number): readonly Mark[] {
  return marks.map((mark, index) => {
    const next = mark.count > 1 ? marks[index + 1] : undefined;
    return next && next.from - mark.from < 2 * cellMs ? { ...mark, to: next.from } : mark;
  });
}

/** Within a minute, within four, within sixteen and so on. */
const magnitudeOf = (ms: number): number => Math.max(0, Math.ceil(Math.log(ms / 60_000) / Math.log(4)));

/**
 * Lanes for somebody who reads them: the first ones stay where they are, even where they have nothing any more, and new ones come after
 * them.
 *
 * @param before - the names of the lanes as they are shown.
 * @param kept - how many of these stay.
 */
export function arranged(lanes: readonly Lane[], before: readonly string[], kept: number): readonly Lane[] {
  const byName = new Map(lanes.map((lane) => [lane.name, lane]));
  const first = before.slice(0, kept).map((name) => byName.get(name) ?? { name, marks: [] });
  for (const { name } of first) byName.delete(name);
  return [...first, ...byName.values()];
}

/** How many times to come there are in a second of a mark; 0 where it is of a single one. */
export const rateOf = ({ count, from, to }: Mark): number => (count > 1 ? (1000 * count) / (to - from) : 0);

/** How many marks there are in each pixel of a lane, where single ones would overlap. */
export function densityOf(marks: readonly Mark[], { from, to }: Range, width: number): Uint32Array {
  const counts = new Uint32Array(Math.max(1, width));
  for (const mark of marks) {
    const at = Math.floor(((mark.from - from) / (to - from)) * width);
    if (at >= 0 && at < counts.length) counts[at] = (counts[at] as number) + 1;
  }
  return counts;
}

const STEPS = [
  1e3, 5e3, 15e3, 30e3, 60e3, 3e5, 9e5, 18e5, 36e5, 108e5, 216e5, 432e5, 864e5, 1728e5, 6048e5, 26784e5,
] as const;

/**
 * The times that get a label: as many as have room.
 *
 * @param offsetOf - how far the clocks are ahead of UTC at a time, in milliseconds: days begin at their midnight.
 */
export function ticksOf(
  { from, to }: Range,
  width: number,
  offsetOf: (time: number) => number,
  room = 90,
): readonly number[] {
  const most = Math.max(1, Math.floor(width / room));
  const step = STEPS.find((one) => (to - from) / one <= most) ?? 31_536_000_000;
  const ticks: number[] = [];
  for (let local = Math.ceil((from + offsetOf(from)) / step) * step; ; local += step) {
    // By the offset of that time, not of the beginning: the clocks may change on the way.
    const tick = local - offsetOf(local - offsetOf(local));
    if (tick > to) return ticks;
    if (tick >= from) ticks.push(tick);
  }
}
