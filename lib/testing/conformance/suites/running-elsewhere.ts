import type { JobSpec } from '../../../engine/model/job.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { RunPlan } from '../../../engine/stores/job-store.js';
import { equal, isTrue, present, sameSet } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import { end } from '../sample-runs.js';
import type { StoreNode } from '../store-node.js';
import type { Suite } from '../suite.js';
import { join } from './sharing.js';

const SHARED = { capability: 'shared' } as const;

/** How many runs of a job other nodes have, for `maxInstances` counts them all. */
export function runningElsewhere({ describe, test, settings }: Suite): void {
  describe('counts the runs of other nodes', () => {
    test(
      'says how many runs of a job the others have under way',
      async (world) => {
        const { store, T, node } = world;
        const [other, third] = [await world.join(), await world.join()];
        await store.add(jobRecord('a', T));
        await store.add(jobRecord('b', T + 500));
        const [mine] = await node.runsTaken(T + 1000);
        await world.at(T + 1000);
        await other.claimDue({
          plan: (job, due) => ({ ...onTo(T + 2000), runs: [other.newRun(job, due.nominalTime)] }),
        });
        await world.at(T + 2000);
        const counts = async (asker: StoreNode): Promise<Record<string, number>> => {
          const seen: Record<string, number> = {};
          await asker.claimDue({
            plan: (job, _due, _now, runningElsewhere = 0) => {
              seen[job.id] = runningElsewhere;
              return null;
            },
          });
          asker.store.reconsider();
          return seen;
        };
        equal(await counts(third), { a: 2, b: 1 }, 'elsewhere, of a node that has none under way');
        equal(await counts(node), { a: 1, b: 1 }, 'elsewhere, of a node that has one under way itself');
        await store.record([end(present(mine, 'a run'), 'succeeded', T + 2000)]);
        equal(await counts(third), { a: 1, b: 1 }, 'elsewhere, when one has ended');
      },
      SHARED,
    );

    test(
      'shows each of them the runs of the others before it plans one more, though all ask at once',
      async (world) => {
        const nodes = await join(world, 3);
        const { store, T, node } = world;
        const ids = Array.from({ length: 8 }, (_, n) => `job-${n}`);
        const times = [T - 4000, T - 3000, T - 2000, T - 1000];
        await store.addMany(ids.map((id) => jobRecord(id, T)));
        const first = (job: JobSpec): RunPlan => ({ ...onTo(T + 1000), runs: times.map((at) => node.newRun(job, at)) });
        const { claimed } = await node.claimDue({ plan: first });
        const failed = claimed.flatMap(({ plan }) => plan.runs);
        for (const run of failed) end(run, 'failed', T).retryAt = T + 1000;
        await store.record(failed);
        await world.at(T + 1000);
        const ask = async (asker: StoreNode): Promise<RunEntry[]> => {
          asker.store.reconsider();
          const { claimed: jobs, retries } = await asker.claimDue({
            limit: 5,
            plan: (job, due, _now, elsewhere = 0) =>
              elsewhere > 0 ? null : { ...onTo(T + 9_000_000), runs: [asker.newRun(job, due.nominalTime)] },
            retry: (job, lost, _now, elsewhere = 0) => (elsewhere > 0 ? null : asker.newRetry(job, lost)),
          });
          return [...jobs.flatMap(({ plan }) => plan.runs), ...retries.map(({ run }) => run)];
        };
        const done: string[] = [];
        await world.until(
          async () => {
            const taken = await Promise.all(nodes.map(ask));
            for (const id of ids) {
              const having = taken.filter((runs) => runs.some(({ jobId }) => jobId === id));
              isTrue(having.length <= 1, `${having.length} nodes have runs of "${id}" that they took at once`);
            }
            for (const [n, runs] of taken.entries()) {
              await nodes[n]?.store.record(runs.map((run) => end(run, 'succeeded', world.clock.now())));
              done.push(...runs.map(({ jobId, nominalTime }) => `${jobId} ${nominalTime - T}`));
            }
            return done.length >= ids.length * (times.length + 1);
          },
          10 * settings.noticeMs,
          'the runs of eight jobs are handed out',
        );
        const all = ids.flatMap((id) => [...times, T + 1000].map((at) => `${id} ${at - T}`));
        sameSet(done, all, 'the runs that were handed out');
      },
      SHARED,
    );
  });
}
