import type { JobRecord } from '../../../engine/model/job.js';
import { JOB_ORDERS, JOB_STATES, type JobOrder, type JobState } from '../../../engine/model/job-query.js';
import type { RunRecord } from '../../../engine/model/run-record.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { FoundJobs, JobFilter, JobSearch, KnownWork } from '../../../engine/stores/job-search.js';
import { CronTrigger } from '../../../engine/triggers/cron.trigger.js';
import { DateTrigger } from '../../../engine/triggers/date.trigger.js';
import { equal, isTrue, present } from '../checks.js';
import { Dice } from '../random-walk.js';
import { jobRecord, onTo, TEN_SECONDS } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const KNOWN: KnownWork = { tasks: ['app:work', 'app:bill'], executors: ['default'] };

const TRIGGERS = [
  TEN_SECONDS,
  CronTrigger.fromCrontab('0 9 * * *', { timezone: 'UTC' }),
  new DateTrigger({ runDate: new Date('2040-01-01T00:00:00Z'), timezone: 'UTC' }),
];
/** Names that collations sort and compare in ways of their own. */
const NAMES = ['', 'a', 'B', 'b', 'ä', 'Ä%_', 'é', '\u{1F600}', '\uFFFD', 'x'.repeat(150), `${'x'.repeat(149)}y`];
const TEXTS = ['b', 'Ä', 'ä%', '_', "'", 'job-1', 'x'.repeat(120), '\u{1F600}', 'none'];
const TAGS = ['billing', 'Billing', 'nightly ✓', 'a', 'b%'];
const OUTCOMES = ['succeeded', 'failed', 'timed_out', 'cancelled'] as const;

type Step =
  | { readonly do: 'add' | 'update'; readonly id: string; readonly like: number }
  | { readonly do: 'remove'; readonly id: string }
  | { readonly do: 'begin' }
  | { readonly do: 'end'; readonly as: (typeof OUTCOMES)[number] }
  | { readonly do: 'find'; readonly seed: number };

function draw(dice: Dice): Step {
  const id = `job-${dice.below(12)}`;
  const what = dice.oneOf(['add', 'add', 'add', 'update', 'remove', 'begin', 'end', 'find', 'find'] as const);
  if (what === 'add' || what === 'update') return { do: what, id, like: dice.below(10_000) };
  if (what === 'remove') return { do: what, id };
  if (what === 'end') return { do: what, as: dice.oneOf(OUTCOMES) };
  return what === 'begin' ? { do: what } : { do: what, seed: dice.below(10_000) };
}

/** A job with attributes of its own, by a number. */
function jobLike(id: string, number: number, now: number, dice: Dice): JobRecord {
  const at = dice.below(4) === 0 ? null : now + dice.below(3) * 1000;
  return jobRecord(id, at, {
    name: dice.oneOf(NAMES),
    task: dice.oneOf([...KNOWN.tasks, 'app:Work']),
    executor: dice.oneOf(['default', 'default', 'heavy']),
    trigger: dice.oneOf(TRIGGERS),
    // One that is paused has no time; one without a time need not be paused.
    paused: at === null && number % 2 === 0,
    ...(dice.below(2) === 0 && { tags: TAGS.filter(() => dice.below(3) === 0) }),
    ...(dice.below(3) === 0 && { declaredBy: { release: null } }),
  });
}

/** Some of these values; or nothing, for no such filter. */
function some<T>(dice: Dice, values: readonly T[]): readonly T[] | undefined {
  return dice.below(3) > 0 ? undefined : [dice.oneOf(values), dice.oneOf(values)];
}

function searchOf(dice: Dice, now: number): Omit<JobSearch, 'after'> {
  const filter: Record<string, unknown> = {
    text: dice.below(3) > 0 ? undefined : dice.oneOf(TEXTS).toLowerCase(),
    states: some(dice, JOB_STATES),
    triggers: some(dice, ['interval', 'cron', 'date', 'or']),
    tasks: some(dice, [...KNOWN.tasks, 'APP:WORK']),
    executors: some(dice, ['default', 'heavy']),
    tags: some(dice, TAGS),
    declared: dice.oneOf([undefined, undefined, true, false]),
    lastOutcomes: some(dice, [...OUTCOMES, 'running']),
    nextFrom: dice.below(3) > 0 ? undefined : now + 1000,
    nextTo: dice.below(3) > 0 ? undefined : now + 2000,
  };
  return {
    // A few of them at once: with all of them hardly any job is found.
    filter: Object.fromEntries(
      Object.entries(filter).filter(([, value]) => value !== undefined && dice.below(2) === 0),
    ),
    order: dice.oneOf(JOB_ORDERS),
    descending: dice.below(2) === 0,
    limit: 1 + dice.below(5),
    known: KNOWN,
  };
}

/** What plain code needs to know of a job. */
interface Seen {
  readonly job: JobRecord;
  readonly state: JobState;
  readonly last: RunRecord | undefined;
}

/** @param busy - the ids of the jobs that have a run under way. */
async function seenIn({ store }: StoreWorld, busy: ReadonlySet<string>): Promise<readonly Seen[]> {
  const jobs = await store.list();
  const last = await store.lastRuns(jobs.map(({ id }) => id));
  return jobs.map((job) => {
    const isKnown = KNOWN.tasks.includes(job.task) && KNOWN.executors.includes(job.executor);
    const idle = job.paused ? 'paused' : isKnown ? 'scheduled' : 'waiting';
    return { job, state: busy.has(job.id) ? 'running' : idle, last: last.get(job.id) };
  });
}

function fits({ job, last, state }: Seen, filter: JobFilter): boolean {
  const { declared, executors, lastOutcomes, nextFrom, nextTo, states, tags, tasks, text, triggers } = filter;
  const at = job.nextRunTime;
  return (
    (text === undefined || job.id.toLowerCase().includes(text) || job.name.toLowerCase().includes(text)) &&
    (!states || states.includes(state)) &&
    (!triggers || triggers.includes(job.trigger.type)) &&
    (!tasks || tasks.includes(job.task)) &&
    (!executors || executors.includes(job.executor)) &&
    (!tags || (job.tags ?? []).some((tag) => tags.includes(tag))) &&
    (declared === undefined || declared === (job.declaredBy !== undefined)) &&
    (!lastOutcomes || (last !== undefined && lastOutcomes.includes(last.state))) &&
    (nextFrom === undefined || (at !== null && at >= nextFrom)) &&
    (nextTo === undefined || (at !== null && at < nextTo))
  );
}

function keyOf({ job, last }: Seen, order: JobOrder): string | number {
  if (order === 'id') return '';
  if (order === 'name') return job.name.toLowerCase().slice(0, 100);
  return order === 'nextRun' ? (job.nextRunTime ?? Infinity) : (last?.id ?? '');
}

function inOrder(seen: readonly Seen[], order: JobOrder, descending: boolean): string[] {
  const compare = (a: string | number, b: string | number): number =>
    typeof a === 'string'
      ? Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
      : a < Number(b)
        ? -1
        : Number(a > Number(b));
  const sorted = seen.toSorted((a, b) => compare(keyOf(a, order), keyOf(b, order)) || compare(a.job.id, b.job.id));
  return (descending ? sorted.toReversed() : sorted).map(({ job }) => job.id);
}

/** All that a search finds, page by page. */
async function findAll(
  world: StoreWorld,
  search: JobSearch,
  during?: () => Promise<void>,
): Promise<readonly JobRecord[]> {
  const jobs: JobRecord[] = [];
  for (let page: FoundJobs | null = null; page === null || page.next !== null;) {
    const next: FoundJobs = await world.store.find({ ...search, ...(page?.next && { after: page.next }) });
    isTrue(
      next.found.length <= search.limit,
      `A page has ${next.found.length} jobs, more than its limit ${search.limit}`,
    );
    for (const { job, place } of next.found) {
      equal(place.id, present(job, 'the job found').id, 'the id of the place of a job');
      jobs.push(present(job, 'the job found'));
    }
    page = next;
    await during?.();
  }
  return jobs;
}

const ALL: Omit<JobSearch, 'after'> = { filter: {}, order: 'id', descending: false, limit: 3, known: KNOWN };

/** Pages of jobs by filters and orders. */
export function findingJobs({ describe, test, walk }: Suite): void {
  describe('finds jobs', () => {
    walk('as plain code does, by any filter and in any order', draw, async (world, steps) => {
      const { clock, node, store } = world;
      const under = new Map<string, RunEntry>();
      /** Runs of jobs that have been removed: a job that gets the id of one does not run. */
      const orphans = new Set<RunEntry>();
      const findAndCompare = async (seed: number): Promise<void> => {
        const search = searchOf(new Dice(seed), clock.now());
        const busy = [...under.values()].filter((run) => !orphans.has(run)).map(({ jobId }) => jobId);
        const seen = await seenIn(world, new Set(busy));
        const found = await findAll(world, search);
        const expected = seen.filter((one) => fits(one, search.filter));
        equal(
          found.map(({ id }) => id),
          inOrder(expected, search.order, search.descending),
          `what find(${JSON.stringify(search)}) answers`,
        );
        for (const job of found) equal(job, seen.find((one) => one.job.id === job.id)?.job, 'a job that is found');
      };
      for (const step of steps) {
        await world.at(clock.now() + 1000);
        if (step.do === 'find') {
          await findAndCompare(step.seed);
        } else if (step.do === 'begin') {
          const { claimed } = await node.claimDue({
            plan: (job, due) => ({ ...onTo(clock.now() + 1000), runs: [node.newRun(job, due.nominalTime)] }),
          });
          for (const { plan } of claimed) for (const run of plan.runs) under.set(run.id, run);
        } else if (step.do === 'end') {
          const [run] = under.values();
          if (!run) continue;
          under.delete(run.id);
          await store.record([end(run, step.as, clock.now())]);
        } else if (step.do === 'remove') {
          await store.remove(step.id).catch(() => undefined);
          for (const run of under.values()) if (run.jobId === step.id) orphans.add(run);
        } else {
          const job = jobLike(step.id, step.like, clock.now(), new Dice(step.like));
          const call = step.do === 'add' ? store.add(job) : store.update(step.id, () => job);
          await call.catch(() => undefined);
        }
      }
      await findAndCompare(steps.length);
    });

    test('in pages that go on where they ended, while jobs come and go', async (world) => {
      const { store, T } = world;
      const ids = Array.from({ length: 20 }, (_, n) => `job-${String(n).padStart(2, '0')}`);
      await store.addMany(ids.map((id) => jobRecord(id, T)));
      let round = 0;
      const found = await findAll(world, ALL, async () => {
        const last = ids[3 * ++round - 1];
        if (last === undefined) return;
        // The job that a page ended with goes, and one comes before it.
        await store.remove(last);
        await store.add(jobRecord(`early-${round}`, T));
      });
      equal(
        found.map(({ id }) => id),
        ids,
        'the ids of all pages',
      );
    });

    test('from a place on, with the job at that place or without it', async ({ store, T }) => {
      await store.addMany(['a', 'b', 'c'].map((id) => jobRecord(id, T, { name: 'same' })));
      const ids = async (search: Partial<JobSearch>): Promise<readonly string[]> =>
        (await store.find({ ...ALL, order: 'name', ...search })).found.map(({ place: { id } }) => id);
      const after = { key: 'same', id: 'b' };
      equal(await ids({ after }), ['c'], 'after a place');
      equal(await ids({ after, inclusive: true }), ['b', 'c'], 'from a place');
      equal(await ids({ after, descending: true }), ['a'], 'before a place');
      equal(await ids({ after, descending: true, inclusive: true }), ['b', 'a'], 'up to a place');
    });

    test('with a limit of 1, and by whatever the filters hold', async (world) => {
      const { store, T } = world;
      await store.addMany([
        jobRecord('a', T, { tags: ['x'] }),
        jobRecord('b', null),
        jobRecord('c', T, { tags: ['x', 'y'] }),
      ]);
      const ids = async (filter: JobFilter): Promise<readonly string[]> =>
        (await findAll(world, { ...ALL, filter, limit: 1 })).map(({ id }) => id);
      equal(await ids({}), ['a', 'b', 'c'], 'without a filter');
      equal(await ids({ tags: ['x', 'y'] }), ['a', 'c'], 'jobs with one of two tags, each once');
      equal(await ids({ tags: [] }), [], 'jobs with one of no tags');
      equal(await ids({ states: [] }), [], 'jobs in one of no states');
      for (const text of ['\u0000', '%', '\\', '"', "';--", '*', '['])
        equal(await ids({ text }), [], `jobs with ${text}`);
      equal(await ids({ nextFrom: T, nextTo: T }), [], 'jobs in an empty range of time');
    });
  });
}
