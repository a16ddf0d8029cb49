import type { RunEntry } from '../../../engine/runs/run-entry.js';
import { snapshotOf } from '../../../engine/model/run-record.js';
import { equal, isTrue } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { HistoryLimits } from '../../../engine/stores/job-store.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

/** Runs of a job that have come and gone, one after the other. */
async function past(
  { store, node, T }: StoreWorld,
  id: string,
  count: number,
  from = T,
  result: string | null = null,
): Promise<RunEntry[]> {
  const runs: RunEntry[] = [];
  for (let n = 0; n < count; n++) {
    const run = node.newRun(jobRecord(id, T), from + n);
    run.startedAt = from + n;
    await store.record([run]);
    run.result = result;
    await store.record([end(run, 'succeeded', from + n)]);
    runs.push(run);
  }
  return runs;
}

const latest = (runs: readonly RunEntry[], count: number): string[] =>
  runs
    .slice(runs.length - count)
    .map(({ id }) => id)
    .toReversed();

/** Limits that 34 runs exceed. */
const LOWER = {
  perJob: { perJob: 4 },
  total: { total: 6 },
  maxAge: { maxAgeMs: 3_600_000 },
} satisfies Record<string, Partial<HistoryLimits>>;

/** How much of what happened is kept. */
export function historyLimits({ describe, test }: Suite): void {
  describe('forgets runs', () => {
    test(
      'but the latest of each job',
      async (world) => {
        for (const id of ['a', 'b']) await world.store.add(jobRecord(id, null));
        const [a, b] = [await past(world, 'a', 10), await past(world, 'b', 2)];
        await world.eventually(async () => {
          equal(await world.runIds({ jobId: 'a' }), latest(a, 3), 'the runs of a job that has had many');
          equal(await world.runIds({ jobId: 'b' }), latest(b, 2), 'the runs of a job that has had few');
        });
      },
      { history: { perJob: 3 } },
    );

    test(
      'but the latest of all',
      async (world) => {
        for (const id of ['a', 'b']) await world.store.add(jobRecord(id, null));
        await past(world, 'a', 10);
        const b = await past(world, 'b', 3, world.T + 20);
        await world.eventually(async () => {
          equal((await world.find()).length, 4, 'how many are kept in all');
          equal(await world.runIds({ jobId: 'b' }), latest(b, 3), 'the runs of the job that ran last');
        });
      },
      { history: { total: 4 } },
    );

    test(
      'whose results take too many bytes together',
      async (world) => {
        await world.store.add(jobRecord('a', null));
        const runs = await past(world, 'a', 40, world.T, 'x'.repeat(2000));
        await world.eventually(async () => {
          const kept = await world.runIds();
          isTrue(kept.length <= 15, `${kept.length} runs with 2 kB each are kept where 20 kB are allowed`);
          equal(kept, latest(runs, kept.length), 'those that are kept');
        });
      },
      { history: { maxBytes: 20_000 } },
    );

    for (const [limit, history] of Object.entries(LOWER)) {
      test(
        `that are too many by ${limit} for a node that starts later, though they were not when they ended`,
        async (world) => {
          const { node, store, T } = world;
          for (const id of ['a', 'b']) await store.add(jobRecord(id, null));
          const begun = [...(await past(world, 'a', 30, T - 7_200_000)), ...(await past(world, 'b', 4, T - 60_000))];
          await node.stop();
          const later = await world.join({ history });
          await world.eventually(async () => {
            const kept = await later.store.getRuns({ limit: 100, now: world.clock.now() });
            isTrue(kept.length <= 10, `${kept.length} runs are kept`);
            equal(kept[0]?.id, begun.at(-1)?.id, 'the latest of all');
          });
          const last = await later.store.lastRuns(['a', 'b']);
          equal([last.get('a')?.id, last.get('b')?.id], [begun[29]?.id, begun[33]?.id], 'the last runs of the jobs');
        },
        { capability: 'durable' },
      );
    }

    test(
      'that are too old',
      async (world) => {
        const { T } = world;
        await world.store.add(jobRecord('a', null));
        await past(world, 'a', 2, T - 120_000);
        const young = await past(world, 'a', 2, T - 30_000);
        await world.eventually(async () => equal(await world.runIds(), latest(young, 2), 'those that are young'));
        equal(await world.runIds({ now: T + 60_000 }), [], 'those that are young a minute later');
      },
      { history: { maxAgeMs: 60_000 } },
    );

    test(
      'but none that is under way',
      async (world) => {
        const { store, T, node } = world;
        await store.add(jobRecord('a', null));
        const live = node.newRun(jobRecord('a', T), T - 3_600_000);
        live.startedAt = T - 3_600_000;
        await store.record([live]);
        const [, last] = await past(world, 'a', 2, T - 10);
        await world.eventually(async () => equal(await world.runIds(), [last?.id, live.id], 'those that are kept'));
        await store.record([end(live, 'succeeded', T)]);
        await world.eventually(async () =>
          equal((await world.find()).length, 1, 'how many are kept when it has ended'),
        );
      },
      { history: { perJob: 1, total: 1, maxAgeMs: 60_000 } },
    );

    test(
      'but knows the last of each job',
      async (world) => {
        await world.store.add(jobRecord('a', null));
        const [, last] = await past(world, 'a', 2);
        await world.eventually(async () => equal(await world.runIds(), [], 'those that are found'));
        equal((await world.store.lastRuns(['a'])).get('a'), last && snapshotOf(last), 'the last run of the job');
      },
      { history: { perJob: 0, total: 0 } },
    );
  });
}
