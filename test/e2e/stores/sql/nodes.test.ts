import { LocalExecutor, RunLostError, type RunContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it, type TestContext } from 'vitest';
import { gate, SECOND, START } from '../../../support/engine.js';
import { Cluster } from '../../../support/sql/cluster.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();

const everySecond = (id: string): { id: string; task: string; trigger: 'interval'; seconds: number } => ({
  id,
  task: 'work',
  trigger: 'interval',
  seconds: 1,
});

const once = (id: string, more = {}): { id: string; task: string; trigger: 'date'; runDate: number } => ({
  id,
  task: 'work',
  trigger: 'date',
  runDate: START + SECOND,
  ...more,
});

describe.each(databases.filter(({ available }) => available))(
  'Schedulers that share $title',
  // Most of the time goes into the patience of a clock with a run that is stuck: the tests have it together.
  { concurrent: true, timeout: 90_000 },
  ({ fresh }) => {
    async function begin({ onTestFinished }: TestContext): Promise<Cluster> {
      const cluster = new Cluster({ url: await fresh() });
      onTestFinished(() => cluster.close());
      return cluster;
    }

    it('run each scheduled time once, whoever does', async (context) => {
      const cluster = await begin(context);
      const first = await cluster.join();
      await cluster.join();
      await cluster.join();
      const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`);
      await first.scheduler.addJobs(ids.map(everySecond));
      await cluster.clock.advance('10s');
      const expected = ids.flatMap((id) => Array.from({ length: 10 }, (_, second) => `${id}@${second + 1}`));
      expect(cluster.fired).toEqual(expected.sort());
    });

    it('share a burst of two thousand jobs, none of them doubled', async (context) => {
      const cluster = await begin(context);
      const first = await cluster.join();
      await cluster.join();
      await cluster.join();
      const ids = Array.from({ length: 2000 }, (_, index) => `job-${index}`);
      await first.scheduler.addJobs(ids.map((id) => once(id)));
      await cluster.clock.advance('3s');
      expect(cluster.fired).toEqual(ids.map((id) => `${id}@1`).sort());
      await expect.poll(() => first.scheduler.getJobs(), { timeout: 10_000 }).toHaveLength(0);
      expect(cluster.faults).toEqual([]);
    });

    it('make one job when eight declare it at once, and leave a pause and the next run to it', async (context) => {
      const cluster = await begin(context);
      const nodes = await Promise.all(Array.from({ length: 8 }, () => cluster.join()));
      const declare = (): Promise<unknown> =>
        Promise.all(nodes.map(({ scheduler }) => scheduler.addJob({ ...everySecond('a'), replaceExisting: true })));
      await declare();
      expect(await nodes[0]?.scheduler.getJobs()).toHaveLength(1);
      await nodes[1]?.scheduler.pauseJob('a');
      await declare();
      expect(await nodes[2]?.scheduler.getJob('a')).toMatchObject({ nextRunTime: null, paused: true });
    });

    it('heed what another one pauses, resumes, changes and removes', async (context) => {
      const cluster = await begin(context);
      const one = await cluster.join();
      const other = await cluster.join();
      await one.scheduler.addJob(everySecond('a'));
      await cluster.clock.advance('2s');
      await other.scheduler.pauseJob('a');
      await cluster.clock.advance('2s');
      expect(cluster.fired).toEqual(['a@1', 'a@2']);
      await one.scheduler.resumeJob('a');
      await cluster.clock.advance('2s');
      await other.scheduler.rescheduleJob('a', { trigger: 'interval', seconds: 3 });
      await cluster.clock.advance('3s');
      await one.scheduler.removeJob('a');
      await cluster.clock.advance('10s');
      expect(cluster.fired).toEqual(['a@1', 'a@2', 'a@4', 'a@5', 'a@6', 'a@9']);
    });

    it('make the runs again of one that is gone, and refuse what it says when it comes back', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      const gone = await cluster.join(() => stuck.promise);
      await gone.scheduler.addJob(once('a'));
      await cluster.clock.advance('1s');
      gone.freeze();
      const heir = await cluster.join();
      await cluster.clock.advance('20s');
      expect(cluster.ledger.map(({ node, attempt }) => [node, attempt])).toEqual([
        ['node-1', 1],
        ['node-2', 2],
      ]);
      expect(await heir.scheduler.getJobs()).toEqual([]);
      stuck.open();
      await cluster.clock.advance(0);
      await expect.poll(() => gone.scheduler.getRuns({ state: 'lost' })).toMatchObject({ runs: [{ node: 'node-1' }] });
      const { runs } = await heir.scheduler.getRuns();
      expect(runs.map(({ state, reason, node }) => [state, reason, node])).toEqual([
        ['succeeded', null, 'node-2'],
        ['lost', 'node lost', 'node-1'],
      ]);
    });

    it('make the runs again of one that is gone although the clock of the store has been set back by an hour', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      const gone = await cluster.join(() => stuck.promise);
      await gone.scheduler.addJob(once('a'));
      await cluster.clock.advance('1s');
      gone.freeze();
      await cluster.join();
      await cluster.clock.set(cluster.clock.now() - 3600 * SECOND);
      await cluster.clock.advance('40s');
      expect(cluster.ledger.map(({ attempt }) => attempt)).toEqual([1, 2]);
      stuck.open();
    });

    it('make the runs again of one that is gone as soon as its lease is over, not at their next beat', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      const gone = await cluster.join(() => stuck.promise);
      await gone.scheduler.addJob(once('a'));
      await cluster.clock.advance('1s');
      gone.freeze();
      await cluster.join();
      await cluster.clock.advance('13s');
      expect(cluster.ledger).toHaveLength(1);
      // Its lease is over at 15 s; the other beats at 6, 11 and 16.
      await cluster.clock.advance('1.1s');
      expect(cluster.ledger.map(({ node, attempt }) => [node, attempt])).toEqual([
        ['node-1', 1],
        ['node-2', 2],
      ]);
      stuck.open();
    });

    it('make what one gives back, and what others have made since not once more', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      const one = await cluster.join(() => stuck.promise, {
        executors: { default: new LocalExecutor({ concurrency: 1 }) },
      });
      await one.scheduler.addJob({ ...everySecond('a'), overlap: 'allow', coalesce: 'all' });
      // The second and the third wait for the first to leave their executor.
      await cluster.clock.advance('3s');
      await cluster.join();
      await one.scheduler.pause();
      await cluster.clock.advance('2s');
      stuck.open();
      await cluster.clock.advance('2s');
      expect(cluster.fired).toEqual(['a@1', 'a@2', 'a@3', 'a@4', 'a@5', 'a@6', 'a@7']);
      const { runs } = await one.scheduler.getRuns({ state: 'missed' });
      expect(runs.map(({ nominalTime, reason }) => [nominalTime - START, reason])).toEqual([
        [3 * SECOND, 'paused'],
        [2 * SECOND, 'paused'],
      ]);
    });

    it('end what they have under way when they find that they were not heard of for too long', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      let signal: AbortSignal | undefined;
      const slow = await cluster.join((context: RunContext) => {
        signal = context.signal;
        return stuck.promise;
      });
      await slow.scheduler.addJob(once('a'));
      await cluster.clock.advance('1s');
      // Its process was stopped, and goes on: the beat that it missed comes late.
      await cluster.clock.set(START + 60 * SECOND);
      await cluster.join();
      await cluster.clock.advance('5s');
      expect(signal?.reason).toBeInstanceOf(RunLostError);
      expect(slow.logger.lines.join()).toContain('has lost its lease, with its runs, and goes on under a new one');
      stuck.open();
    });

    it('keep their leases, and what they have under way, when none of them could be heard of for long', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      const nodes = [await cluster.join(() => stuck.promise), await cluster.join(() => stuck.promise)];
      // What one has under way fills the job's places, so each has its own.
      await nodes[0]?.scheduler.addJobs([once('a'), once('b'), once('c')]);
      await cluster.clock.advance('1s');
      // The database was away for longer than their leases: their beats come late, one after the other.
      await cluster.clock.set(START + 60 * SECOND);
      await cluster.clock.advance('20s');
      stuck.open();
      await cluster.clock.advance('1s');
      expect(cluster.faults).toEqual([]);
      expect(cluster.ledger.map(({ jobId, attempt }) => `${jobId}#${attempt}`).sort()).toEqual(['a#1', 'b#1', 'c#1']);
      const { runs } = (await nodes[1]?.scheduler.getRuns()) ?? { runs: [] };
      expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    });

    it('look after one that is gone when the database was away for all, as soon as the others had their time', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      const gone = await cluster.join(() => stuck.promise);
      await gone.scheduler.addJob(once('a'));
      await cluster.clock.advance('1s');
      await cluster.join();
      gone.freeze();
      await cluster.clock.set(START + 60 * SECOND);
      await cluster.clock.advance('10s');
      expect(cluster.ledger.map(({ node }) => node)).toEqual(['node-1']);
      await cluster.clock.advance('15s');
      expect(cluster.ledger.map(({ node }) => node)).toEqual(['node-1', 'node-2']);
      stuck.open();
    });

    it('pause a job that takes every node down that runs it, when it has had its attempts', async (context) => {
      const cluster = await begin(context);
      const victims = [];
      for (let attempt = 1; attempt <= 3; attempt++) {
        const victim = await cluster.join(() => gate().promise);
        if (attempt === 1) await victim.scheduler.addJob(once('poison'));
        await cluster.clock.advance('20s');
        victim.freeze();
        victims.push(victim);
      }
      const last = await cluster.join();
      await cluster.clock.advance('60s');
      expect(cluster.ledger.map(({ node, attempt }) => [node, attempt])).toEqual([
        ['node-1', 1],
        ['node-2', 2],
        ['node-3', 3],
      ]);
      expect(await last.scheduler.getJob('poison')).toMatchObject({ paused: true, lastRun: { state: 'lost' } });
      expect(last.logger.lines).toContain(
        'error: Job "poison" is paused: its last run was lost with its node, as often as it may be tried',
      );
    });

    it('try again what failed on one that has stopped', async (context) => {
      const cluster = await begin(context);
      const failing = await cluster.join(() => {
        throw new Error('no');
      });
      await failing.scheduler.addJob(once('a', { retry: { attempts: 2, delay: '10s' } }));
      await cluster.clock.advance('2s');
      await failing.scheduler.shutdown();
      const heir = await cluster.join();
      await cluster.clock.advance('10s');
      expect(cluster.ledger.map(({ node, attempt }) => [node, attempt])).toEqual([
        ['node-1', 1],
        ['node-2', 2],
      ]);
      expect(await heir.scheduler.getJobs()).toEqual([]);
    });

    it('take over at once what one has not ended when it stops', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      const stopping = await cluster.join(() => stuck.promise);
      await stopping.scheduler.addJob(once('a'));
      await cluster.clock.advance('1s');
      const heir = await cluster.join();
      await stopping.scheduler.shutdown({ wait: false });
      await cluster.clock.advance('2s');
      const { runs } = await heir.scheduler.getRuns();
      expect(runs.map(({ state, reason, node }) => [node, state, reason].join(' ')).sort()).toEqual([
        'node-1 lost shutdown',
        'node-2 succeeded ',
      ]);
      stuck.open();
    });

    it('count what others have under way among the instances of a job', async (context) => {
      const cluster = await begin(context);
      const stuck = gate();
      const busy = await cluster.join(() => stuck.promise);
      await busy.scheduler.addJob({ ...everySecond('a'), maxInstances: 1 });
      await cluster.clock.advance('1s');
      const other = await cluster.join();
      await cluster.clock.advance('5s');
      expect(cluster.fired).toEqual(['a@1']);
      const { runs } = await other.scheduler.getRuns({ state: 'skipped' });
      expect(runs.every(({ reason }) => reason === 'overlap')).toBe(true);
      stuck.open();
      await cluster.clock.advance('2s');
      expect(cluster.fired.length).toBeGreaterThan(1);
    });

    it('leave no timer behind when they have stopped', async (context) => {
      const cluster = await begin(context);
      await cluster.join();
      await cluster.join();
      await cluster.close();
      expect(cluster.clock.pendingTimers).toBe(0);
    });
  },
);
