import { JobUnreadableError, RunLookupError } from '../../../engine/errors.js';
import type { UnreadableJob } from '../../../engine/model/unreadable-job.js';
import type { UnreadableRun } from '../../../engine/model/unreadable-run.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import { equal, isTrue, matches, refuses, sameSet } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

/** A sound job, and one for each way to damage a job, all due in a second. */
async function damagedJobs({ store, T, damageJob }: StoreWorld): Promise<readonly string[]> {
  const ids = damageJob.map((_, index) => `bad-${index}`);
  for (const id of ['sound', ...ids]) await store.add(jobRecord(id, T + 1000));
  await store.add(jobRecord('later', T + 60_000));
  for (const [index, damage] of damageJob.entries()) await damage(ids[index] as string);
  return ids;
}

/** Runs that have failed and are to be tried again: one for each way to damage a run, and a sound one. */
async function damagedRuns(world: StoreWorld): Promise<readonly [bad: readonly RunEntry[], sound: RunEntry]> {
  const { store, clock, damageRun, oneShot } = world;
  const runs: RunEntry[] = [];
  for (const id of ['sound', ...damageRun.map((_, index) => `bad-${index}`)]) {
    const run = await oneShot(id);
    end(run, 'failed', clock.now()).retryAt = clock.now() + 1000;
    await store.record([run]);
    runs.push(run);
  }
  const [sound, ...bad] = runs as [RunEntry, ...RunEntry[]];
  for (const [index, damage] of damageRun.entries()) await damage((bad[index] as RunEntry).id);
  return [bad, sound];
}

/** Records that cannot be read: a later release has written them, or something has damaged them. */
export function unreadable({ describe, test }: Suite): void {
  describe('fails alone for a job that cannot be read, which', () => {
    test(
      'is told of, and does not hide the others',
      async (world) => {
        const ids = await damagedJobs(world);
        const found: UnreadableJob[] = [];
        const jobs = await world.store.list(undefined, (job) => found.push(job));
        sameSet(
          jobs.map(({ id }) => id),
          ['sound', 'later'],
          'the jobs that list() answers',
        );
        sameSet(
          found.map(({ id }) => id),
          ids,
          'the jobs that list() tells of',
        );
        for (const id of ids) {
          const told: UnreadableJob[] = [];
          equal(await world.store.get(id, (job) => told.push(job)), undefined, `get() of ${id}`);
          matches(told, [{ id }], `what get() tells of ${id}`);
          isTrue(told[0]?.problem !== '', `${id}: nothing says why it cannot be read`);
        }
        await world.store.list('declared');
      },
      { damage: 'job' },
    );

    test(
      'is neither run nor lost, and holds up no other',
      async (world) => {
        const { store, T, node } = world;
        const ids = await damagedJobs(world);
        await world.at(T + 2000);
        equal(await node.idsTaken(T + 30_000), ['sound'], 'the jobs that are due');
        await world.at(T + 3000);
        const { claimed, nextDue } = await node.claimDue({ plan: () => onTo(T + 30_000) });
        equal(claimed, [], 'what is due after that');
        node.isAskedAgain(nextDue, T + 30_000, 'when only jobs are due that cannot be read');
        for (const id of ids) {
          const told: string[] = [];
          await store.get(id, (job) => told.push(job.id));
          equal(told, [id], `what is told of ${id} after it was due`);
        }
      },
      { damage: 'job' },
    );

    test(
      'can be removed, and nothing else',
      async (world) => {
        const { store } = world;
        for (const id of await damagedJobs(world)) {
          await refuses(
            store.update(id, (job) => job),
            JobUnreadableError,
            `update() of ${id}`,
          );
          equal(await store.removeIf(id, () => true), false, `removeIf() of ${id}`);
          await store.remove(id);
          const told: string[] = [];
          await store.get(id, (job) => told.push(job.id));
          equal(told, [], `what is told of ${id} once it is removed`);
          await store.add(jobRecord(id, null));
          matches(await store.get(id), { id, paused: true }, `${id}, added anew`);
        }
      },
      { damage: 'job' },
    );
  });

  describe('fails alone for a run that cannot be read, which', () => {
    test(
      'is reported, and does not hide the others',
      async (world) => {
        const { store, clock } = world;
        const [bad, sound] = await damagedRuns(world);
        const badIds = bad.map(({ id }) => id);
        const found: UnreadableRun[] = [];
        const runs = await store.getRuns({ limit: 1000, now: clock.now() }, (run) => found.push(run));
        equal(
          runs.map(({ id }) => id),
          [sound.id],
          'the runs that getRuns() answers',
        );
        sameSet(
          found.map(({ id }) => id),
          badIds,
          'the runs that getRuns() reports',
        );
        isTrue(
          found.every(({ problem, raw }) => problem !== '' && Object.keys(raw).length > 0),
          'a run is reported without its problem, or without its record',
        );
        for (const { id, jobId } of bad) {
          const told: string[] = [];
          equal(await store.getRun(id, (run) => told.push(run.id)), undefined, `getRun() of ${id}`);
          equal(told, [id], `what getRun() reports of ${id}`);
          equal(await world.lastRunOf(jobId), undefined, `the last run of ${jobId}`);
        }
        equal(await world.lastRunOf('sound'), sound.id, 'the last run of another job');
      },
      { damage: 'run' },
    );

    test(
      'counts for the limit of a page, so that a page takes no more work than it says',
      async (world) => {
        const { store, clock } = world;
        const [bad, sound] = await damagedRuns(world);
        const seen: string[] = [];
        for (let before: string | undefined; ; before = seen.at(-1)) {
          const page: string[] = [];
          const filter = { limit: 2, now: clock.now(), ...(before !== undefined && { before }) };
          for (const { id } of await store.getRuns(filter, ({ id }) => page.push(id))) page.push(id);
          isTrue(page.length <= 2, `a page of 2 runs has ${page.length}`);
          seen.push(...page.sort().toReversed());
          if (page.length < 2) break;
        }
        const all = [sound, ...bad].map(({ id }) => id).sort();
        equal(seen, all.toReversed(), 'all runs, page by page');
      },
      { damage: 'run' },
    );

    test(
      'can be removed, with its retry',
      async (world) => {
        const { store, clock, node } = world;
        const [bad, sound] = await damagedRuns(world);
        for (const { id } of bad) {
          await store.removeRun(id);
          const told: string[] = [];
          equal(await store.getRun(id, (run) => told.push(run.id)), undefined, `getRun() of ${id}, once it is removed`);
          equal(told, [], `what getRun() reports of ${id}, once it is removed`);
          await refuses(store.removeRun(id), RunLookupError, `removeRun() of ${id} once more`);
        }
        const found: string[] = [];
        const runs = await store.getRuns({ limit: 1000, now: clock.now() }, (run) => found.push(run.id));
        equal(found, [], 'the runs that getRuns() reports once they are removed');
        equal(
          runs.map(({ id }) => id),
          [sound.id],
          'the runs that are left',
        );
        await world.at(clock.now() + 2000);
        const { retries } = await node.take();
        equal(
          retries.map(({ run }) => run.retryOf),
          [sound.id],
          'the retries that are due',
        );
      },
      { damage: 'run' },
    );

    test(
      'leaves the history by its limits, as others do',
      async (world) => {
        const { store, node, T } = world;
        await store.add(jobRecord('a', null));
        const ended = async (from: number, count: number): Promise<readonly string[]> => {
          const ids: string[] = [];
          for (let n = from; n < from + count; n++) {
            const run = node.newRun(jobRecord('a', T), T + n);
            await store.record([run]);
            await store.record([end(run, 'succeeded', T + n)]);
            ids.push(run.id);
          }
          return ids;
        };
        const bad = await ended(0, world.damageRun.length);
        for (const [index, damage] of world.damageRun.entries()) await damage(bad[index] as string);
        const sound = await ended(bad.length, 40);
        await world.eventually(async () => {
          const left: string[] = [];
          const runs = await store.getRuns({ limit: 1000, now: T + 1000 }, ({ id }) => left.push(id));
          equal(left, [], 'the runs that cannot be read and are there still');
          equal(runs[0]?.id, sound.at(-1), 'the latest run');
        });
      },
      { damage: 'run', history: { perJob: 10 } },
    );

    test(
      'holds up no retry of others',
      async (world) => {
        const [, sound] = await damagedRuns(world);
        const { node, clock } = world;
        await world.at(clock.now() + 2000);
        const { retries } = await node.take();
        equal(
          retries.map(({ run }) => run.retryOf),
          [sound.id],
          'the retries that are due',
        );
        const { nextDue } = await node.take();
        node.isAskedAgain(nextDue, null, 'when only runs are to be tried again that cannot be read');
      },
      { damage: 'run' },
    );
  });
}
