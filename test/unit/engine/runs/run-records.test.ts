import { EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, EVENT_JOB_SUBMITTED } from 'nestjs-apscheduler/engine';
import type { Run, Scheduler } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, SECOND, START } from '../../../support/engine.js';

const nothing = (): undefined => undefined;

/** What is known of a job's runs, the oldest first. */
async function runsOf(scheduler: Scheduler, jobId: string): Promise<readonly Run[]> {
  return (await scheduler.getRuns({ jobId, limit: 1000 })).runs.toReversed();
}

/** What became of which times, in seconds from the start: `missed (misfire) 10-30`. */
function storyOf({ state, reason, nominalTime, lastNominalTime }: Run): string {
  const [from, to] = [nominalTime, lastNominalTime].map((time) => (time - START) / SECOND);
  return `${state}${reason === null ? '' : ` (${reason})`} ${from === to ? from : `${from}-${to}`}`;
}

describe('The record of a run', () => {
  it('says what is known of it while it is under way, and how it ended', async () => {
    const { scheduler, clock } = engineWorld({ node: 'here' });
    const work = gate<{ sent: number }>();
    scheduler.registerTask('mail', () => work.promise);
    await scheduler.addJob({ id: 'a', task: 'mail', trigger: 'interval', minutes: 1 });
    await scheduler.start();
    await clock.advance('1m');
    const [run] = await runsOf(scheduler, 'a');
    const known = {
      id: run?.id,
      jobId: 'a',
      task: 'mail',
      cause: 'schedule',
      nominalTime: START + MINUTE,
      lastNominalTime: START + MINUTE,
      fireTime: START + MINUTE,
      startedAt: START + MINUTE,
      attempt: 1,
      retryOf: null,
      retryAt: null,
      given: null,
      reason: null,
      resultOmitted: null,
      error: null,
      log: [],
      progress: null,
      node: 'here',
      executor: 'default',
      worker: null,
      jobStore: 'default',
    };
    expect(run).toEqual({ ...known, state: 'running', settled: false, finishedAt: null, result: null });
    await clock.advance('5s');
    work.open({ sent: 3 });
    await clock.advance(0);
    expect(await scheduler.getRun(run?.id ?? '')).toEqual({
      ...known,
      state: 'succeeded',
      settled: true,
      finishedAt: START + MINUTE + 5 * SECOND,
      result: { sent: 3 },
    });
    await scheduler.shutdown();
  });

  it('tells a run by hand and a run at the start from those of the schedule', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 1, runOnStart: true });
    await scheduler.start();
    await clock.advance('10s');
    await scheduler.runJob('a');
    await clock.advance('50s');
    const runs = await runsOf(scheduler, 'a');
    expect(runs.map(({ cause, nominalTime }) => [cause, nominalTime - START])).toEqual([
      ['start', 0],
      ['manual', 10 * SECOND],
      ['schedule', MINUTE],
    ]);
  });

  it('keeps the nominal time apart from the fire time that jitter makes of it', async () => {
    const { scheduler, clock } = engineWorld({ random: () => 0.5 });
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 1, jitter: 10 });
    await scheduler.start();
    const due = (await scheduler.getJob('a'))?.nextRunTime as number;
    await clock.advance('2m');
    const [run] = await runsOf(scheduler, 'a');
    expect(run).toMatchObject({ nominalTime: START + MINUTE, fireTime: due, startedAt: due });
  });

  it('gives the times that the latest run makes up for as one range', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 10 });
    await scheduler.start();
    await scheduler.pause();
    await clock.advance('65s');
    await scheduler.resume();
    await clock.advance(0);
    const runs = await runsOf(scheduler, 'a');
    expect(runs.map(storyOf)).toEqual(['skipped (coalesced) 10-50', 'succeeded 60']);
    expect(happened(EVENT_JOB_SUBMITTED)).toMatchObject([
      { scheduledRunTimes: [START + MINUTE], coalescedFrom: START + 10 * SECOND },
    ]);
    // Nobody is alarmed of times that have been made up for.
    expect(happened(EVENT_JOB_MISSED)).toEqual([]);
    expect(happened(EVENT_JOB_MAX_INSTANCES)).toEqual([]);
  });

  it('gives the times that the earliest run makes up for as one range', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 10, coalesce: 'earliest' });
    await scheduler.start();
    await scheduler.pause();
    await clock.advance('65s');
    await scheduler.resume();
    await clock.advance(0);
    const runs = await runsOf(scheduler, 'a');
    expect(runs.map(storyOf)).toEqual(['skipped (coalesced) 20-60', 'succeeded 10']);
  });

  it('gives the times beyond the catch-up limit as one range', async () => {
    const { scheduler, clock, happened } = engineWorld();
    const options = { coalesce: 'all', catchUpLimit: 3 } as const;
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 10, ...options });
    await scheduler.start();
    await scheduler.pause();
    await clock.advance('1h');
    await scheduler.resume();
    await clock.advance(0);
    const runs = await runsOf(scheduler, 'a');
    expect(runs.map(storyOf)).toEqual([
      'missed (catch-up limit) 10-3570',
      'succeeded 3580',
      'succeeded 3590',
      'succeeded 3600',
    ]);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([
      { reason: 'catch-up limit', scheduledRunTime: START + 10 * SECOND, lastScheduledRunTime: START + 3570 * SECOND },
    ]);
  });

  it('gives the times that came too late as one range', async () => {
    const { scheduler, clock } = engineWorld();
    const options = { coalesce: 'all', misfireGraceTime: 25 } as const;
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 10, ...options });
    await scheduler.start();
    await scheduler.pause();
    await clock.advance('65s');
    await scheduler.resume();
    await clock.advance(0);
    const runs = await runsOf(scheduler, 'a');
    expect(runs.map(storyOf)).toEqual(['missed (misfire) 10-30', 'succeeded 40', 'succeeded 50', 'succeeded 60']);
  });

  it('does not say that times were made up for by a run that came too late itself', async () => {
    const { scheduler, clock, happened } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', minutes: 10, misfireGraceTime: 60 });
    await scheduler.start();
    await scheduler.pause();
    await clock.advance('65m');
    await scheduler.resume();
    await clock.advance(0);
    expect((await runsOf(scheduler, 'a')).map(storyOf)).toEqual(['missed (misfire) 600-3600']);
    expect(happened(EVENT_JOB_MISSED)).toMatchObject([
      { scheduledRunTime: START + 10 * MINUTE, lastScheduledRunTime: START + HOUR },
    ]);
  });

  it('does not say that times were made up for by a run that overlap left out', async () => {
    const { scheduler, clock, logger, happened } = engineWorld();
    const work = gate();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', seconds: 10 });
    await scheduler.start();
    await clock.advance('10s');
    await scheduler.pause();
    await clock.advance('35s');
    await scheduler.resume();
    await clock.advance(0);
    expect((await runsOf(scheduler, 'a')).map(storyOf)).toEqual(['running 10', 'skipped (overlap) 20-40']);
    expect(happened(EVENT_JOB_MAX_INSTANCES)).toMatchObject([
      { reason: 'overlap', scheduledRunTimes: [START + 20 * SECOND, START + 40 * SECOND] },
    ]);
    expect(logger.lines.filter((line) => line.includes('skipped'))).toHaveLength(1);
    work.open();
    await scheduler.shutdown();
  });

  it('grows while runs are left out because one goes on, and begins anew with the next such episode', async () => {
    const { scheduler, clock, logger, happened } = engineWorld();
    let work = gate();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', seconds: 10 });
    await scheduler.start();
    await clock.advance('1h');
    const [first, episode] = await runsOf(scheduler, 'a');
    expect(first && storyOf(first)).toEqual('running 10');
    expect(episode && storyOf(episode)).toEqual('skipped (overlap) 20-3600');
    expect(episode).toMatchObject({ settled: true, startedAt: null, finishedAt: START + HOUR });
    work.open();
    work = gate();
    await clock.advance('25s');
    expect((await runsOf(scheduler, 'a')).map(storyOf)).toEqual([
      'succeeded 10',
      'skipped (overlap) 20-3600',
      'running 3610',
      'skipped (overlap) 3620',
    ]);
    // Each is told, and each episode is logged once.
    expect(happened(EVENT_JOB_MAX_INSTANCES)).toHaveLength(360);
    expect(logger.lines.filter((line) => line.includes('skipped'))).toHaveLength(2);
    work.open();
    await scheduler.shutdown();
  });

  it('says that a full queue left runs out', async () => {
    const { scheduler, clock } = engineWorld();
    const work = gate();
    const options = { overlap: 'queue', maxQueued: 2 } as const;
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', seconds: 10, ...options });
    await scheduler.start();
    await clock.advance('65s');
    expect((await runsOf(scheduler, 'a')).map(storyOf)).toEqual([
      'running 10',
      'running 20',
      'running 30',
      'skipped (queue full) 40-60',
    ]);
    expect((await runsOf(scheduler, 'a')).map(({ startedAt }) => startedAt !== null)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    work.open();
    await clock.advance(0);
    await scheduler.shutdown();
  });

  it('says of each run which had not started that a stop held it, and they are made after it', async () => {
    const { scheduler, clock } = engineWorld();
    let work = gate();
    await scheduler.addJob({ id: 'a', task: () => work.promise, trigger: 'interval', seconds: 10, coalesce: 'all' });
    await scheduler.start();
    await scheduler.pause();
    await clock.advance('45s');
    await scheduler.resume();
    await clock.advance(0);
    const stopped = scheduler.shutdown();
    await clock.advance(0);
    work.open();
    await stopped;
    expect((await runsOf(scheduler, 'a')).map(storyOf)).toEqual([
      'succeeded 10',
      'missed (shutdown) 20',
      'missed (shutdown) 30',
      'missed (shutdown) 40',
    ]);
    work = gate();
    work.open();
    await scheduler.start();
    await clock.advance(0);
    expect((await runsOf(scheduler, 'a')).map(storyOf)).toEqual([
      'succeeded 10',
      'missed (shutdown) 20',
      'missed (shutdown) 30',
      'missed (shutdown) 40',
      'succeeded 20',
      'succeeded 30',
      'succeeded 40',
    ]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is one range, and one run that makes up for it, after a million missed seconds', async () => {
    const { scheduler, clock } = engineWorld();
    await scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1 });
    await scheduler.start();
    await scheduler.pause();
    await clock.set(START + 1_000_000 * SECOND);
    await scheduler.resume();
    await clock.advance(0);
    expect((await runsOf(scheduler, 'a')).map(storyOf)).toEqual(['skipped (coalesced) 1-999999', 'succeeded 1000000']);
  });
});
