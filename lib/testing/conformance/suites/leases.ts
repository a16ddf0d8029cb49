import { end } from '../sample-runs.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { ClaimedRetry } from '../../../engine/stores/job-store.js';
import { equal, isTrue, matches, present } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import type { StoreNode } from '../store-node.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const SHARED = { capability: 'shared' } as const;

/** How often a run may be made again that takes its nodes down, before a store must give up. */
const MOST_RECOVERIES = 10;

/** What a node has a right to, and what becomes of it when the node is gone. */
export function leases({ describe, test, settings }: Suite): void {
  const { recoveryMs } = settings;

  /** A node that has taken the only run of a job. */
  const busyNode = async (world: StoreWorld, id = 'a'): Promise<readonly [StoreNode, RunEntry]> => {
    const node = await world.join();
    await world.store.add(jobRecord(id, world.clock.now()));
    const [run] = await node.runsTaken();
    return [node, present(run, 'the run that a node has taken')];
  };

  /** What is handed out to others of the runs that a node had. */
  const recovered = async (world: StoreWorld, ...heirs: readonly StoreNode[]): Promise<ClaimedRetry<RunEntry>> => {
    const found: ClaimedRetry<RunEntry>[] = [];
    const look = async (): Promise<boolean> => {
      for (const { retries } of await Promise.all(heirs.map((heir) => heir.take()))) found.push(...retries);
      return found.length > 0;
    };
    await world.until(look, recoveryMs, 'the run of a node that is gone is made again');
    await world.at(world.clock.now() + recoveryMs);
    await look();
    equal(found.length, 1, 'how often the run of a node that is gone is made again');
    return found[0] as ClaimedRetry<RunEntry>;
  };

  describe('shared by nodes that go away', () => {
    test(
      'makes the runs of one that is gone again, once, and says that they were lost',
      async (world) => {
        const [gone, run] = await busyNode(world);
        gone.clock.stop();
        const heir = await world.join();
        const retry = await recovered(world, world.node, heir);
        const shape = { cause: 'retry', attempt: 2, retryOf: run.id, nominalTime: run.nominalTime, state: 'running' };
        matches(await world.store.getRun(retry.run.id), shape, 'the second attempt');
        const lost = { state: 'lost', reason: 'node lost', settled: true, retryAt: null, node: gone.name };
        matches(await world.store.getRun(run.id), lost, 'the run of the node that is gone');
        isTrue(await isThere(world, 'a'), 'the job is gone before its second attempt has an outcome');
        const owner = [world.node, heir].find(({ name }) => name === retry.run.node) as StoreNode;
        const result = await owner.store.record([end(retry.run, 'succeeded', world.clock.now())]);
        matches(result, { removed: ['a'] }, 'record() of the second attempt');
      },
      SHARED,
    );

    test(
      'lets one that is there keep its runs, however long they take',
      async (world) => {
        const [busy, run] = await busyNode(world);
        for (let waited = 0; waited < 3 * recoveryMs; waited += 1000) {
          await world.at(world.clock.now() + 1000);
          if (waited % 10_000 === 0) equal((await world.node.take()).retries, [], 'what others are handed out');
        }
        equal(busy.losses, 0, 'how often it is told that it has lost its lease');
        isTrue(busy.holdsLease, 'leaseHolds() of a node that is there is false');
        const result = await busy.store.record([end(run, 'succeeded', world.clock.now())]);
        matches(result, { removed: ['a'] }, 'record() of the end');
        equal(result.refused ?? [], [], 'the runs that are refused');
      },
      SHARED,
    );

    test(
      'refuses what one says that has lost its right to a run, and tells it so',
      async (world) => {
        const [stale, run] = await busyNode(world);
        stale.clock.stop();
        const { run: retry } = await recovered(world, world.node);
        stale.clock.goOn();
        end(run, 'failed', world.clock.now()).retryAt = world.clock.now();
        const result = await stale.store.record([run]);
        equal(result.refused, [run.id], 'the runs that record() refuses');
        equal(result.removed, [], 'the jobs that go with them');
        matches(await world.store.getRun(run.id), { state: 'lost', retryAt: null }, 'the run, as it is kept');
        matches(await world.store.get('a'), { nextRunTime: null }, 'the job, which is not due for it again');
        await world.at(world.clock.now() + recoveryMs);
        const again = [...(await world.node.take()).retries, ...(await stale.take()).retries];
        equal(again, [], 'the retries that come of what was refused');
        const outcome = await world.store.record([end(retry, 'succeeded', world.clock.now())]);
        matches(outcome, { removed: ['a'] }, 'record() of the attempt of the node that has the right to it');
      },
      SHARED,
    );

    test(
      'tells one that comes back that it has lost its lease, and lets it go on',
      async (world) => {
        const { store } = world;
        const [stale] = await busyNode(world);
        stale.clock.stop();
        await recovered(world, world.node);
        stale.clock.goOn();
        await world.until(
          () => stale.losses > 0 && stale.holdsLease,
          recoveryMs,
          'a node that comes back is told what it has lost',
        );
        await store.add(jobRecord('b', world.clock.now()));
        const fresh = present((await stale.runsTaken())[0], 'a run that it takes after it came back');
        matches(await stale.store.record([end(fresh, 'succeeded', world.clock.now())]), { removed: ['b'] }, 'its end');
      },
      SHARED,
    );

    test(
      'lets one that comes back take due work at once, under a new right',
      async (world) => {
        const [stale] = await busyNode(world);
        stale.clock.stop();
        await recovered(world, world.node);
        await world.store.add(jobRecord('b', world.clock.now()));
        // It is asked before any of its timers comes.
        const claimed: RunEntry[] = [];
        for (let asked = 0; asked < 5 && claimed.length === 0; asked++) claimed.push(...(await stale.runsTaken()));
        stale.clock.goOn();
        await world.at(world.clock.now() + recoveryMs);
        const fresh = present(claimed[0], 'a run that it takes');
        equal((await world.node.take()).retries, [], 'what others make again of a node that is back');
        matches(await stale.store.record([end(fresh, 'succeeded', world.clock.now())]), { removed: ['b'] }, 'its end');
      },
      SHARED,
    );

    test(
      'makes at once again what one has not ended when it stops',
      async (world) => {
        const [leaving, run] = await busyNode(world);
        await leaving.stop();
        const { retries } = await world.node.take();
        equal(
          retries.map(({ job }) => job.id),
          ['a'],
          'what is due as soon as a node has stopped',
        );
        const shape = { state: 'lost', reason: 'shutdown', settled: true };
        matches(await world.store.getRun(run.id), shape, 'the run of the node that has stopped');
      },
      SHARED,
    );

    test(
      'makes nothing again that had an outcome, or whose job is gone',
      async (world) => {
        const { store, clock } = world;
        const [gone, done] = await busyNode(world);
        await gone.store.record([end(done, 'succeeded', clock.now())]);
        await store.add(jobRecord('b', clock.now()));
        const removed = present((await gone.runsTaken())[0], 'a run of a job that is removed');
        await store.remove('b');
        gone.clock.stop();
        const run = async (): Promise<boolean> => (await store.getRun(removed.id))?.state === 'lost';
        await world.until(run, recoveryMs + settings.noticeMs, 'a run of a node that is gone is lost');
        equal((await world.node.take()).retries, [], 'the retries that are due');
        matches(await store.getRun(done.id), { state: 'succeeded' }, 'the run that had an outcome');
      },
      SHARED,
    );

    test(
      'keeps what was told of a run that went on in spite of its end, and tries it again only if its job says so',
      async (world) => {
        const { store, clock } = world;
        const gone = await world.join();
        const retry = { attempts: 2, delay: 0, backoff: 'fixed', maxDelay: 60, jitter: 0 } as const;
        await store.addMany([jobRecord('once', clock.now()), jobRecord('again', clock.now(), { retry })]);
        const runs = await gone.runsTaken();
        for (const run of runs) end(run, 'timed_out', clock.now()).settled = false;
        await gone.store.record(runs);
        gone.clock.stop();
        const tried = new Set<string>();
        const isOver = async (): Promise<boolean> => {
          for (const { job } of (await world.node.take()).retries) tried.add(job.id);
          const kept = await Promise.all(runs.map(({ id }) => store.getRun(id)));
          return kept.every((run) => run?.settled === true);
        };
        await world.until(isOver, recoveryMs + settings.noticeMs, 'runs of a node that is gone are settled');
        await isOver();
        for (const { id } of runs)
          matches(await store.getRun(id), { state: 'timed_out' }, 'a run of the node that is gone');
        equal([...tried], ['again'], 'the jobs whose runs are tried again');
        equal(await world.jobIds(), ['again'], 'the jobs that are left');
      },
      SHARED,
    );

    test(
      'gives a job up that takes every node down that runs it: pauses it, and keeps it',
      async (world) => {
        const [first] = await busyNode(world);
        let victim = first;
        let attempts = 1;
        for (; attempts <= MOST_RECOVERIES; attempts++) {
          victim.clock.stop();
          const heir = await world.join();
          const end = world.clock.now() + recoveryMs;
          let isTaken = false;
          while (!isTaken && world.clock.now() < end) {
            await world.at(world.clock.now() + 1000);
            isTaken = (await heir.take()).retries.length > 0;
          }
          if (!isTaken) break;
          victim = heir;
        }
        isTrue(attempts > 1, 'a run was not made again after its first node was gone');
        isTrue(attempts <= MOST_RECOVERIES, `a run was made again ${MOST_RECOVERIES} times after its nodes were gone`);
        matches(await world.store.get('a'), { paused: true, nextRunTime: null }, 'the job');
        matches((await world.store.lastRuns(['a'])).get('a'), { state: 'lost', retryAt: null }, 'its last run');
      },
      SHARED,
    );

    test(
      'goes by a clock of its own, whatever its nodes think that the time is',
      async (world) => {
        const { store, T, node } = world;
        const [ahead, behind] = [await world.join({ aheadMs: 300_000 }), await world.join({ aheadMs: -300_000 })];
        await store.add(jobRecord('a', T + 60_000));
        equal((await ahead.take()).claimed, [], 'what is due for a node whose clock is 5 minutes ahead');
        const asked: number[] = [];
        await world.at(T + 60_000);
        await behind.claimDue({
          plan: (_job, _due, now) => {
            asked.push(now);
            return null;
          },
        });
        equal(asked.length, 1, 'how much is due for a node whose clock is 5 minutes behind');
        isTrue(
          Math.abs((asked[0] ?? 0) - T - 60_000) < 1000,
          `plan() is told that it is ${asked[0]}, not ${T + 60_000}`,
        );
        behind.store.reconsider();
        const [run] = await behind.runsTaken(T + 90_000);
        const { nextDue } = await ahead.take();
        const wanted = T + 90_000 + 300_000;
        isTrue(
          nextDue !== null && nextDue <= wanted + 1000,
          `nextDue is not by the node's own clock: ${nextDue}, not ${wanted}`,
        );
        await world.at(T + 80_000);
        equal((await node.take()).retries, [], 'the retries of a node whose clock is 5 minutes behind');
        const result = await behind.store.record([end(present(run, 'its run'), 'succeeded', behind.clock.now())]);
        equal(result.refused ?? [], [], 'the runs of it that are refused');
      },
      { capability: 'shared', ownClock: true },
    );
  });
}

async function isThere({ store }: StoreWorld, id: string): Promise<boolean> {
  return (await store.get(id)) !== undefined;
}
