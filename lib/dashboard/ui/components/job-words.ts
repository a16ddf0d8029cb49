import type { Job, Trigger } from '../../../client/index.js';
import { duration, fullTime, plural, titled } from '../format.js';
import { triggerText } from '../trigger-text.js';

/** What people call the fields of a job: the same on all pages. */
const NAMES: Readonly<Record<string, string>> = {
  func: 'Task',
  args: 'Arguments',
  kwargs: 'Named arguments',
  next_run_time: 'Next run',
  jobstore: 'Job store',
  max_instances: 'At once',
  overlap: 'If one is still running',
  max_queued: 'Longest queue',
  misfire_grace_time: 'Late runs',
  coalesce: 'Missed times',
  catch_up_limit: 'Most missed times',
  timeout: 'Time limit',
  retry: 'Retries',
  run_on_start: 'At the start',
  max_runs: 'Runs in all',
  pause_after_failures: 'Pauses after',
};

export const fieldName = (field: string): string => NAMES[field] ?? titled(field);

const OVERLAPS: Readonly<Record<string, string>> = {
  skip: 'further ones are skipped',
  queue: 'further ones wait',
  replace: 'a new one cancels the oldest',
  allow: 'more run anyway',
};
export const overlapText = (overlap: unknown): string => OVERLAPS[String(overlap)] ?? String(overlap);

export const atOnceText = (runs: number): string => `at most ${plural(runs, 'run')}`;

export const lateText = (graceSeconds: unknown): string =>
  typeof graceSeconds === 'number' ? `run up to ${duration(graceSeconds)} late` : 'run, however late';

export const missedText = (coalesce: unknown): string =>
  coalesce === false || coalesce === 'all'
    ? 'one run for each'
    : coalesce === 'earliest'
      ? 'one run, for the earliest'
      : 'one run, for the latest';

export const failuresText = (failures: number): string => `${plural(failures, 'failure')} in a row`;

export function retryText({ attempts, backoff, delay, jitter, max_delay: most }: NonNullable<Job['retry']>): string {
  const apart = `${duration(delay)} apart${backoff === 'exponential' ? `, doubling up to ${duration(most)}` : ''}`;
  return `up to ${plural(attempts, 'attempt')}; ${apart}${jitter > 0 ? `; plus up to ${duration(jitter)} at random` : ''}`;
}

const START: Readonly<Record<string, string>> = {
  false: 'no run',
  true: 'a run on each node',
  cluster: 'one run for all nodes',
};

const WORDS: Readonly<Record<string, (value: never) => string>> = {
  trigger: (value: Trigger) => triggerText(value),
  next_run_time: (value: string) => fullTime(new Date(value)),
  tags: (value: readonly string[]) => value.join(', '),
  overlap: overlapText,
  max_instances: atOnceText,
  misfire_grace_time: lateText,
  coalesce: missedText,
  timeout: (value: number) => duration(value),
  retry: retryText,
  run_on_start: (value: unknown) => START[String(value)] ?? String(value),
  pause_after_failures: failuresText,
};

const LONGEST = 80;

/** The value of a field, on one line; what it means, where it has a meaning of its own. */
export function fieldText(field: string, value: unknown): string {
  if (value === undefined || value === null) return field === 'misfire_grace_time' ? lateText(null) : '–';
  const text = inWords(field, value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function inWords(field: string, value: unknown): string {
  // A value that was too long to be kept is a text that says so.
  const isLeftOut = typeof value === 'string' && value.startsWith('[left out');
  const words = isLeftOut ? undefined : (WORDS[field] as ((value: unknown) => string) | undefined);
  if (words) return words(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
