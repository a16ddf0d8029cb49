import type { JobRecord, JobSpec } from '../model/job.js';
import type { JobOrder, JobState } from '../model/job-query.js';
import type { RunState } from '../model/run-record.js';

/** Which jobs to find: those that everything given here applies to. Of several values, one must apply. */
export interface JobFilter {
  /** Found in the id or the name, both in lower case. It is in lower case itself. */
  readonly text?: string;
  readonly states?: readonly JobState[];
  /** Types of triggers: `cron`. */
  readonly triggers?: readonly string[];
  /** Names of tasks. */
  readonly tasks?: readonly string[];
  /** Aliases of executors. */
  readonly executors?: readonly string[];
  readonly tags?: readonly string[];
  /** Whether a program has declared it. */
  readonly declared?: boolean;
  /** States of its last run: the one that {@link JobStore.lastRuns} answers. */
  readonly lastOutcomes?: readonly RunState[];
  /** With a next run time from here, in epoch milliseconds. */
  readonly nextFrom?: number;
  /** With a next run time before this, in epoch milliseconds. */
  readonly nextTo?: number;
}

/** What the node that asks can run: jobs of other tasks or executors are `waiting`. A job with a `handler` lacks no task. */
export interface KnownWork {
  readonly tasks: readonly string[];
  readonly executors: readonly string[];
}

/**
 * Where a job stands in an order: its key, and among equal keys its id. Texts are compared by their code points.
 *
 * The key is `''` for the order `id`; {@link nameKey} for `name`; the next run time for `nextRun`, or Infinity; the id of
 * the last run for `lastRun`, or `''`.
 */
export interface JobPlace {
  readonly key: string | number;
  readonly id: string;
}

/** Asks a store for jobs. */
export interface JobSearch {
  readonly filter: JobFilter;
  readonly order: JobOrder;
  readonly descending: boolean;
  /** Only jobs beyond this place. */
  readonly after?: JobPlace;
  /** Also the job at that place. */
  readonly inclusive?: boolean;
  /** At most so many. */
  readonly limit: number;
  readonly known: KnownWork;
}

/** A job, or one that cannot be read, and its place in the order asked for. */
export interface FoundJob {
  readonly place: JobPlace;
  /** Null when it cannot be read: then `onUnreadable` was called with it. */
  readonly job: JobRecord | null;
}

export interface FoundJobs {
  /** In the order asked for. */
  readonly found: readonly FoundJob[];
  /**
   * Where the search has to go on: after this place. Null when there is nothing beyond. A search may end before its limit,
   * with few jobs or none, when it has read much.
   */
  readonly next: JobPlace | null;
}

/** How many characters of a name count for the order. */
const NAME_KEY_LENGTH = 100;

/** What jobs are sorted by when they are sorted by name: its first characters, in lower case. */
export function nameKey(name: string): string {
  const lower = name.toLowerCase();
  // Half a character beyond the Basic Multilingual Plane is no text that databases take.
  return lower.length <= NAME_KEY_LENGTH ? lower : lower.slice(0, NAME_KEY_LENGTH).replace(/[\uD800-\uDBFF]$/, '');
}

/** What a text is looked for in: the id and the name of a job, in lower case. */
export function searchedText({ id, name }: Pick<JobSpec, 'id' | 'name'>): string {
  return `${id}\n${name}`.toLowerCase();
}

/** Less than 0 when the first place comes before the second one, in ascending order. */
export function comparePlaces(a: JobPlace, b: JobPlace): number {
  return compare(a.key, b.key) || compare(a.id, b.id);
}

/** Whether a search goes by a place: it is beyond the one that the search begins after. */
export function isBeyond(place: JobPlace, { after, descending, inclusive }: JobSearch): boolean {
  if (!after) return true;
  const order = comparePlaces(place, after);
  return order === 0 ? inclusive === true : order > 0 !== descending;
}

/** By code points, as databases compare UTF-8: code units would put what is beyond the BMP before its last characters. */
function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  if (typeof a === 'number' || typeof b === 'number') return a < b ? -1 : 1;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length - b.length;
  return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

/** Surrogates come after all other code units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** What a job is found by, of what its definition has. */
export interface JobTraits extends Pick<JobSpec, 'id' | 'name' | 'task' | 'executor'> {
  readonly handler?: unknown;
  readonly trigger: { readonly type: string };
  readonly tags?: readonly string[];
  readonly declaredBy?: unknown;
}

/** What a job is found by. */
export interface JobFacts {
  readonly spec: JobTraits;
  readonly paused: boolean;
  readonly nextRunTime: number | null;
  /** Whether it has a run in the state `running`. */
  readonly isRunning: boolean;
  readonly lastOutcome: RunState | null;
}

/** The state of a job: the first of running, paused, waiting and scheduled that applies. */
export function stateOf({ isRunning, paused, spec }: JobFacts, known: KnownSets): JobState {
  if (isRunning) return 'running';
  if (paused) return 'paused';
  const hasTask = spec.handler !== undefined || known.tasks.has(spec.task);
  return hasTask && known.executors.has(spec.executor) ? 'scheduled' : 'waiting';
}

/** {@link KnownWork}, to look things up in. */
export interface KnownSets {
  readonly tasks: ReadonlySet<string>;
  readonly executors: ReadonlySet<string>;
}

export function knownSets({ executors, tasks }: KnownWork): KnownSets {
  return { tasks: new Set(tasks), executors: new Set(executors) };
}

/** What tests jobs, for stores that hold them in this process. */
export function jobMatcher(filter: JobFilter, knownWork: KnownWork): (facts: JobFacts) => boolean {
  const known = knownSets(knownWork);
  const { nextFrom = -Infinity, nextTo = Infinity } = filter;
  const asksForTime = filter.nextFrom !== undefined || filter.nextTo !== undefined;
  const tests: ((facts: JobFacts) => boolean)[] = [];
  const { declared, lastOutcomes, states, text } = filter;
  // Sets: there may be a hundred values, fifty tags of a job, and a hundred thousand jobs.
  const [tags, tasks, executors, triggers] = [filter.tags, filter.tasks, filter.executors, filter.triggers].map(
    (values) => values && new Set(values),
  );
  if (tasks) tests.push(({ spec }) => tasks.has(spec.task));
  if (executors) tests.push(({ spec }) => executors.has(spec.executor));
  if (triggers) tests.push(({ spec }) => triggers.has(spec.trigger.type));
  if (declared !== undefined) tests.push(({ spec }) => (spec.declaredBy !== undefined) === declared);
  if (asksForTime) tests.push(({ nextRunTime: at }) => at !== null && at >= nextFrom && at < nextTo);
  if (tags) tests.push(({ spec }) => spec.tags?.some((tag) => tags.has(tag)) ?? false);
  if (lastOutcomes) tests.push(({ lastOutcome }) => lastOutcome !== null && lastOutcomes.includes(lastOutcome));
  if (states) tests.push((facts) => states.includes(stateOf(facts, known)));
  if (text !== undefined) tests.push(({ spec }) => searchedText(spec).includes(text));
  return (facts) => tests.every((test) => test(facts));
}
