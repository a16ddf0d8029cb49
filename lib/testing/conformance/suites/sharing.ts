import { ConflictingIdError } from '../../../engine/errors.js';
import { end } from '../sample-runs.js';
import { equal, isTrue, matches, present, sameSet } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import type { StoreNode } from '../store-node.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const SHARED = { capability: 'shared' } as const;

/** So many nodes on the same jobs. */
export async function join(world: StoreWorld, count: number): Promise<readonly StoreNode[]> {
  const nodes = [world.node];
  while (nodes.length < count) nodes.push(await world.join());
  return nodes;
}

/** Several nodes on the same jobs. */
export function sharing({ describe, test, settings }: Suite): void {
  describe('shared by several nodes', () => {
    test(
      'shows each of them what the others have done',
      async (world) => {
        const { store, T } = world;
        const other = await world.join();
        await store.add(jobRecord('a', T + 1000));
        matches(await other.store.get('a'), { nextRunTime: T + 1000 }, 'a job that another node has added');
        await other.store.update('a', (job) => ({ ...job, name: 'new', nextRunTime: T, nextNominalTime: T }));
        matches(await store.get('a'), { name: 'new', nextRunTime: T }, 'a job that another node has changed');
        const [run] = await other.runsTaken(T + 5000);
        const claimed = present(run, 'the run that the other node has taken');
        matches(
          await store.getRun(claimed.id),
          { state: 'running', node: other.name },
          'a run that another node has taken',
        );
        equal(await world.lastRunOf('a'), claimed.id, 'the last run of the job');
        await other.store.record([end(claimed, 'succeeded', T)]);
        matches(await world.find({ jobId: 'a' }), [{ id: claimed.id, state: 'succeeded' }], 'its end');
        await other.store.remove('a');
        equal(await store.get('a'), undefined, 'a job that another node has removed');
      },
      SHARED,
    );

    test(
      'takes an id once, however many add it at once, and all jobs of a list or none',
      async (world) => {
        const nodes = await join(world, 4);
        const { T } = world;
        const calls = nodes.flatMap(({ store, name }) => [
          store.add(jobRecord('a', T, { name })),
          store.addMany([jobRecord(`${name}-1`, T), jobRecord('b', T, { name }), jobRecord(`${name}-2`, T)]),
        ]);
        const results = await Promise.allSettled(calls);
        const won = results.filter(({ status }) => status === 'fulfilled');
        for (const result of results) {
          if (result.status === 'rejected' && !(result.reason instanceof ConflictingIdError)) throw result.reason;
        }
        equal(won.length, 2, 'how many of four add() and four addMany() of the same ids succeed');
        const { name } = present(await world.store.get('b'), 'the job that all lists have');
        sameSet(await world.jobIds(), ['a', 'b', `${name}-1`, `${name}-2`], 'the jobs: those of one list');
      },
      SHARED,
    );

    test(
      'loses none of the changes that they make at once',
      async (world) => {
        const nodes = await join(world, 3);
        await world.store.add(jobRecord('a', null));
        const names = nodes.flatMap(({ name }) => Array.from({ length: 4 }, (_, n) => `${name}-${n}`));
        await Promise.all(
          names.map(async (text, n) => {
            await nodes[n % 3]?.store.update('a', (job) => ({ ...job, args: [...job.args, text] }));
          }),
        );
        sameSet(((await world.store.get('a'))?.args ?? []) as string[], names, 'what twelve changes have added');
      },
      SHARED,
    );

    test(
      'hands out each job to one of them',
      async (world) => {
        const nodes = await join(world, 4);
        const { store, T } = world;
        const ids = Array.from({ length: 80 }, (_, n) => `job-${n}`);
        await store.addMany(ids.map((id) => jobRecord(id, T)));
        const got: string[] = [];
        await world.until(
          async () => {
            got.push(...(await Promise.all(nodes.map((node) => node.idsTaken(null, 9)))).flat());
            return got.length >= 80;
          },
          settings.noticeMs,
          'eighty jobs are handed out',
        );
        got.push(...(await Promise.all(nodes.map((node) => node.idsTaken(null)))).flat());
        sameSet(got, ids, 'the jobs that were handed out to four nodes');
      },
      SHARED,
    );

    test(
      'hands out each retry to one of them, whoever has failed',
      async (world) => {
        const nodes = await join(world, 3);
        const { store, T, node } = world;
        const ids = Array.from({ length: 20 }, (_, n) => `job-${n}`);
        await store.addMany(ids.map((id) => jobRecord(id, T)));
        const runs = await node.runsTaken();
        for (const run of runs) end(run, 'failed', T).retryAt = T + 1000;
        await store.record(runs);
        await world.at(T + 1000);
        const got: string[] = [];
        await world.until(
          async () => {
            const answers = await Promise.all(nodes.map((one) => one.take(null, 4)));
            got.push(...answers.flatMap(({ retries }) => retries.map(({ job }) => job.id)));
            return got.length >= 20;
          },
          settings.noticeMs,
          'twenty retries are handed out',
        );
        sameSet(got, ids, 'the retries that were handed out to three nodes');
      },
      SHARED,
    );

    test(
      'leaves to others what one of them cannot run',
      async (world) => {
        const { store, T, node } = world;
        const other = await world.join();
        await store.add(jobRecord('a', T));
        equal((await node.claimDue({ plan: () => null })).claimed, [], 'what a plan has left');
        let got: string[] = [];
        await world.until(
          async () => {
            got = await other.idsTaken(null);
            return got.length > 0;
          },
          settings.noticeMs,
          'a job that one node has left is handed out to another',
        );
        equal(got, ['a'], 'what another node is handed out');
      },
      SHARED,
    );

    test(
      'tells them of what is due earlier than they know, or lets them ask in time',
      async (world) => {
        const { store, T, node } = world;
        const other = await world.join();
        const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
          ['add()', () => store.add(jobRecord('a', world.clock.now()))],
          ['update()', () => store.update('later', (job) => ({ ...job, nextRunTime: T, nextNominalTime: T }))],
          [
            'record() of a failure',
            async () => {
              const [run] = await node.runsTaken(T + 9_000_000);
              end(present(run, 'a run'), 'failed', world.clock.now()).retryAt = world.clock.now();
              await store.record([run as NonNullable<typeof run>]);
            },
          ],
        ];
        await store.add(jobRecord('later', T + 9_000_000));
        for (const [what, change] of changes) {
          other.wakes.length = 0;
          const { nextDue } = await other.take();
          if (what.startsWith('record')) await store.add(jobRecord('b', world.clock.now()));
          await change();
          const until = world.clock.now() + settings.noticeMs;
          if (store.capabilities.notifying) await other.isWokenBy(until, what);
          else
            isTrue(nextDue !== null && nextDue <= until, `${what}: a node neither hears of it nor wants to be asked`);
          const { claimed, retries } = await other.take();
          equal(claimed.length + retries.length, 1, `${what}: how much is due for the other node`);
        }
      },
      SHARED,
    );
  });
}
