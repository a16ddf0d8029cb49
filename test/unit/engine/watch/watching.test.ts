import { describe, expect, it } from 'vitest';
import { MemoryJobStore, type AuditRecord, type ClusterState, type SchedulerChange } from 'nestjs-apscheduler/engine';
import { engineWorld, MINUTE, SECOND, START } from '../../../support/engine.js';

describe('Watching a scheduler', () => {
  it('tells of its jobs, their runs and its state, in the order in which they happen', async () => {
    const { clock, scheduler } = engineWorld({ node: 'one' });
    const changes: SchedulerChange[] = [];
    scheduler.watch((change) => change.type !== 'audit_recorded' && changes.push(change));
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: () => 1, trigger: 'interval', minutes: 1 });
    await clock.advance(MINUTE);
    await scheduler.pauseJob('a');
    await scheduler.removeJob('a');
    await scheduler.shutdown();
    const job = { node: 'one', jobId: 'a', jobStore: 'default' };
    const run = { ...job, time: START + MINUTE, scheduledRunTime: START + MINUTE, reason: null };
    const { runs } = await scheduler.getRuns();
    expect(changes).toEqual([
      { type: 'scheduler_started', time: START, node: 'one', alias: null },
      { type: 'job_added', time: START, ...job },
      { type: 'job_submitted', ...run, runId: runs[0]?.id, state: 'running' },
      { type: 'job_executed', ...run, runId: runs[0]?.id, state: 'succeeded' },
      { type: 'job_modified', time: START + MINUTE, ...job },
      { type: 'job_removed', time: START + MINUTE, ...job },
      { type: 'scheduler_shutdown', time: START + MINUTE, node: 'one', alias: null },
    ]);
  });

  it('tells of the entries of the audit trail, after what they are about', async () => {
    const { scheduler } = engineWorld({ node: 'one' });
    await scheduler.start();
    const changes: SchedulerChange[] = [];
    scheduler.watch((change) => changes.push(change));
    await scheduler.actAs({ actor: 'ann', note: 'holiday' }, async () => {
      await scheduler.addJob({ id: 'a', task: () => 1, trigger: 'interval', minutes: 1 });
      await scheduler.pause();
    });
    const { entries } = await scheduler.getAudit({ actor: 'ann' });
    const [pause, add] = entries;
    const about = { type: 'audit_recorded', time: START, node: 'one', actor: 'ann', jobStore: 'default' };
    expect(changes).toEqual([
      { type: 'job_added', time: START, node: 'one', jobId: 'a', jobStore: 'default' },
      { ...about, auditId: add?.id, action: 'job.add', jobId: 'a' },
      { type: 'scheduler_paused', time: START, node: 'one', alias: null },
      { ...about, auditId: pause?.id, action: 'scheduler.pause', jobId: null },
    ]);
  });

  it('tells of failed, missed and skipped runs, and why', async () => {
    const { clock, scheduler } = engineWorld();
    const changes: SchedulerChange[] = [];
    let end = (): void => undefined;
    scheduler.registerTask('waits', () => new Promise<void>((resolve) => (end = resolve)));
    const fail = (): never => {
      throw new Error('secret');
    };
    await scheduler.addJob({ id: 'fails', task: fail, trigger: 'date', runDate: START + SECOND });
    await scheduler.addJob({ id: 'overlaps', task: 'waits', trigger: 'interval', seconds: 10 });
    await scheduler.start();
    scheduler.watch((change) => change.type !== 'audit_recorded' && changes.push(change));
    await clock.advance(20 * SECOND);
    await scheduler.addJob({
      id: 'late',
      task: 'waits',
      trigger: 'date',
      runDate: START,
      misfireGraceTime: 1,
      nextRunTime: START,
    });
    await clock.advance(SECOND);
    expect(changes).toMatchObject([
      { type: 'job_submitted', jobId: 'fails' },
      { type: 'job_error', jobId: 'fails', state: 'failed' },
      { type: 'job_removed', jobId: 'fails' },
      { type: 'job_submitted', jobId: 'overlaps' },
      { type: 'job_max_instances', jobId: 'overlaps', state: 'skipped', reason: 'overlap' },
      { type: 'job_added', jobId: 'late' },
      { type: 'job_missed', jobId: 'late', state: 'missed', reason: 'misfire' },
      { type: 'job_removed', jobId: 'late' },
    ]);
    expect(JSON.stringify(changes)).not.toContain('secret');
    const ids = new Set((await scheduler.getRuns()).runs.map(({ id }) => id));
    for (const change of changes) if ('runId' in change) expect(ids).toContain(change.runId);
    end();
  });

  it('costs nothing once nobody watches', async () => {
    const { clock, scheduler } = engineWorld();
    const asked: string[] = [];
    const store = new MemoryJobStore();
    Object.assign(store, { capabilities: { durable: false, shared: true, notifying: false } });
    const { getRuns } = store;
    store.getRuns = (filter) => {
      asked.push('getRuns');
      return getRuns.call(store, filter);
    };
    await scheduler.addJobStore(Object.assign(store, cluster), 'shared');
    await scheduler.start();
    const timers = clock.pendingTimers;
    const stop = scheduler.watch(() => undefined);
    const other = scheduler.watch(() => undefined);
    await clock.advance(2 * SECOND);
    expect(asked).toHaveLength(5);
    stop();
    stop();
    expect(clock.pendingTimers).toBe(timers + 1);
    other();
    expect(clock.pendingTimers).toBe(timers);
    await clock.advance(2 * SECOND);
    expect(asked).toHaveLength(5);
    await scheduler.shutdown();
  });

  it('leaves no timer when the scheduler stops, and goes on when it starts', async () => {
    const { clock, scheduler } = engineWorld();
    const changes: SchedulerChange[] = [];
    const store = new MemoryJobStore();
    Object.assign(store, { capabilities: { durable: true, shared: true, notifying: false } });
    await scheduler.addJobStore(Object.assign(store, cluster), 'shared');
    let looks = 0;
    store.getRuns = () => {
      looks++;
      return Promise.resolve([]);
    };
    scheduler.watch((change) => changes.push(change));
    expect(clock.pendingTimers).toBe(0);
    await scheduler.start();
    await clock.advance(2 * SECOND);
    expect(looks).toBe(5);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
    expect(changes.map(({ type }) => type)).toEqual(['scheduler_started', 'scheduler_shutdown']);
  });

  it('tells what can be found while a store cannot be asked for everything, and another for nothing', async () => {
    const { clock, logger, scheduler } = engineWorld();
    const [broken, sound] = [new MemoryJobStore(), new MemoryJobStore()];
    for (const [alias, store] of Object.entries({ broken, sound })) {
      Object.assign(store, { capabilities: { durable: false, shared: true, notifying: false } });
      await scheduler.addJobStore(Object.assign(store, cluster), alias);
    }
    const entries: AuditRecord[] = [];
    const fails = () => Promise.reject(new Error('no'));
    for (const store of [broken, sound]) store.findAudit = () => Promise.resolve([...entries]);
    broken.find = fails;
    await scheduler.start();
    const told: string[] = [];
    scheduler.watch((change) => 'auditId' in change && told.push(`${change.auditId} in ${change.jobStore}`));
    await clock.advance(SECOND);
    entries.push(otherEntry('1'));
    await clock.advance(SECOND);
    expect(told).toEqual(['1 in broken', '1 in sound']);
    entries.unshift(otherEntry('2'));
    broken.findAudit = fails;
    await clock.advance(SECOND);
    expect(told.slice(2)).toEqual(['2 in sound']);
    const lines = (): string[] => logger.lines.filter((line) => line.includes('Changes of other nodes'));
    expect(lines()).toEqual([expect.stringMatching(/^debug: .*"broken".*no$/)]);
    await scheduler.shutdown();
  });

  it('is not disturbed by a listener that throws', async () => {
    const { logger, scheduler } = engineWorld();
    const changes: SchedulerChange[] = [];
    scheduler.watch(() => {
      throw new Error('bad listener');
    });
    scheduler.watch((change) => changes.push(change));
    await scheduler.start();
    expect(changes).toHaveLength(1);
    expect(logger.lines).toContainEqual('error: A listener failed on the change scheduler_started');
    await scheduler.shutdown();
  });

  it('refuses what is no function', () => {
    const { scheduler } = engineWorld();
    expect(() => scheduler.watch('listener' as never)).toThrow('listener must be a function, got "listener"');
  });
});

/** An entry of the audit trail that another node has recorded. */
const otherEntry = (id: string): AuditRecord => ({
  ...{ id, time: START, action: 'job.pause', actor: 'ann', jobId: 'a', runId: null, changes: [] },
  ...{ node: 'other', address: null, note: null, release: null },
});

const running: ClusterState = { mode: 'running', version: 0, changedAt: null, changedBy: null };
const cluster = {
  clusterState: () => Promise.resolve(running),
  turnCluster: () => Promise.resolve(running),
  cancelRun: () => Promise.resolve(false),
  leaveRuns: () => Promise.resolve(),
  claimStart: () => Promise.resolve(true),
  getNodes: () => Promise.resolve([]),
  leaseHolds: () => true,
};
