import { ConflictingIdError } from '../../../engine/errors.js';
import { equal, isTrue } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import type { Suite } from '../suite.js';

/** More than the arguments of one call, or one packet of a server, can hold. */
const MANY = 16_000;
const MOST = 130_000;
const LARGE = 20_000;

const idOf = (n: number): string => `job-${String(n).padStart(6, '0')}`;

/** What is too much for one statement. */
export function manyJobs({ describe, test }: Suite): void {
  describe('takes any number of jobs at once', () => {
    test('all of them or none, and lists them all', async ({ store, jobIds, T }) => {
      await store.add(jobRecord(idOf(MANY - 1), T + 3_600_000));
      const jobs = Array.from({ length: MANY }, (_, n) => jobRecord(idOf(n), T + 3_600_000 + n));
      const error = await store.addMany(jobs).then(
        () => null,
        (reason: unknown) => reason,
      );
      isTrue(error instanceof ConflictingIdError, 'addMany() must reject with a ConflictingIdError');
      isTrue(error.message.includes(idOf(MANY - 1)), 'the error must name the job that is there');
      equal(await jobIds(), [idOf(MANY - 1)], 'the jobs that there are when the last one was there before');
      await store.remove(idOf(MANY - 1));
      await store.addMany(jobs);
      const listed = await store.list();
      equal(listed.length, MANY, 'how many jobs there are');
      equal([listed[0]?.id, listed.at(-1)?.id], [idOf(0), idOf(MANY - 1)], 'the first and the last of them');
    });

    test('that have large arguments', async ({ store, node, T }) => {
      const args = ['x'.repeat(LARGE)];
      const jobs = Array.from({ length: 900 }, (_, n) => ({ ...jobRecord(idOf(n), T), args }));
      await store.addMany(jobs);
      equal((await store.list()).filter((job) => job.args[0] === args[0]).length, 900, 'how many jobs there are');
      const claimed = new Set<string>();
      for (let asked = 0; asked < 200 && claimed.size < 900; asked++) {
        for (const id of await node.idsTaken(null, 500)) claimed.add(id);
      }
      equal(claimed.size, 900, 'how many jobs were claimed');
    });

    test('when it is asked for their last runs', async ({ store, T, oneShot }) => {
      const run = await oneShot(idOf(7));
      const ids = Array.from({ length: MOST }, (_, n) => idOf(n));
      const found = await store.lastRuns(ids);
      equal(
        [...found].map(([id, { id: runId }]) => [id, runId]),
        [[idOf(7), run.id]],
        `last runs at ${T}`,
      );
    });
  });
}
