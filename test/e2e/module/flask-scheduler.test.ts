/* The tests that Flask-APScheduler has of its scheduler, in our own words: what they saw, a user of this package sees. */
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import {
  EVENT_JOB_ADDED,
  HostNotAllowedError,
  InvalidInputError,
  MemoryJobStore,
  STATE_PAUSED,
  STATE_RUNNING,
  STATE_STOPPED,
  ScheduledTask,
  SchedulerAlreadyRunningError,
  SchedulerNotRunningError,
  Task,
  jobToDict,
  type SchedulerEvent,
} from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { createApp, startApp } from '../../support/nest-app.js';

@Injectable()
class Decorated {
  runs = 0;

  @ScheduledTask('interval', { id: 'job1', hours: 1 })
  first(): void {
    this.runs++;
  }

  @ScheduledTask('interval', { id: 'job2', hours: 1 })
  second(): void {}

  @Task('tests:job1')
  named(): void {}
}

describe("Flask-APScheduler's scheduler", () => {
  it('is not running before the start, and is after it', async () => {
    const { scheduler, app } = await createApp();
    expect(scheduler.running).toBe(false);
    await app.init();
    expect(scheduler.running).toBe(true);
    await expect(scheduler.start()).rejects.toThrow(SchedulerAlreadyRunningError);
  });

  it.each([[['any_server_name']], [[]]])('does not start on a host that is not among %j', async (allowedHosts) => {
    const { app, clock, logs, scheduler } = await startApp({ options: { allowedHosts }, providers: [Decorated] });
    expect(scheduler.running).toBe(false);
    await scheduler.start();
    expect(scheduler.state).toBe(STATE_STOPPED);
    expect(logs.filter((line) => line.includes(`Host "${scheduler.hostName}" runs no jobs`))).toHaveLength(2);
    await expect(scheduler.runJob('job1')).rejects.toThrow(HostNotAllowedError);
    await clock.advance(3 * 3_600_000);
    expect(app.get(Decorated).runs).toBe(0);
    expect((await scheduler.getJobs()).map(({ id, pending }) => [id, pending])).toEqual([
      ['job1', true],
      ['job2', true],
    ]);
  });

  it('starts on a host that is among the allowed ones, in any case', async () => {
    const allowedHosts = ['any_server_name', hostname().toUpperCase()];
    const { scheduler } = await startApp({ options: { allowedHosts } });
    expect(scheduler.running).toBe(true);
    expect(scheduler.hostName).toBe(hostname().toLowerCase());
    expect(scheduler.allowedHosts).toEqual(allowedHosts);
  });

  it('is not running after a shutdown, and can be started again', async () => {
    const { scheduler } = await startApp();
    await scheduler.shutdown();
    expect(scheduler.running).toBe(false);
    await expect(scheduler.shutdown()).rejects.toThrow(SchedulerNotRunningError);
    await scheduler.start();
    expect(scheduler.running).toBe(true);
  });

  it('loads jobs from the configuration, with its stores, executors and defaults', async () => {
    const { scheduler } = await startApp({
      providers: [Decorated],
      options: {
        jobs: [{ id: 'configured', func: 'tests:job1', trigger: 'interval', seconds: 10 }],
        jobStores: { default: new MemoryJobStore() },
        executors: { default: { type: 'local', concurrency: 10 } },
        jobDefaults: { coalesce: true },
        timezone: 'UTC',
      },
    });
    expect(await scheduler.getJob('configured')).toMatchObject({ task: 'tests:job1', coalesce: true });
  });

  it('has the jobs of its decorator', async () => {
    const { scheduler } = await startApp({ providers: [Decorated] });
    expect(await scheduler.getJob('job1')).toMatchObject({ id: 'job1', name: 'job1', task: 'Decorated:first' });
  });

  it('tells its state', async () => {
    const { scheduler } = await startApp();
    expect(scheduler.state).toBe(STATE_RUNNING);
    await scheduler.shutdown();
    expect(scheduler.state).toBe(STATE_STOPPED);
    await scheduler.start({ paused: true });
    expect([scheduler.state, scheduler.running]).toEqual([STATE_PAUSED, true]);
  });

  it('pauses and resumes', async () => {
    const { app, clock, scheduler } = await startApp({ providers: [Decorated] });
    await scheduler.pause();
    await scheduler.pause();
    expect([scheduler.state, scheduler.running]).toEqual([STATE_PAUSED, true]);
    await clock.advance(2 * 3_600_000);
    expect(app.get(Decorated).runs).toBe(0);
    await scheduler.resume();
    await scheduler.resume();
    expect(scheduler.state).toBe(STATE_RUNNING);
    await clock.advance(0);
    expect(app.get(Decorated).runs).toBe(1);
    await scheduler.shutdown();
    await expect(scheduler.pause()).rejects.toThrow(SchedulerNotRunningError);
    await expect(scheduler.resume()).rejects.toThrow(SchedulerNotRunningError);
  });

  it('adds and removes listeners', async () => {
    const { scheduler } = await startApp();
    const heard: SchedulerEvent[] = [];
    const listener = (event: SchedulerEvent) => heard.push(event);
    const definition = { task: () => undefined, trigger: 'interval', hours: 1 } as const;
    scheduler.addListener(listener, EVENT_JOB_ADDED);
    await scheduler.addJob({ ...definition, id: 'a' });
    await scheduler.removeJob('a');
    scheduler.removeListener(listener);
    await scheduler.addJob({ ...definition, id: 'b' });
    expect(heard).toEqual([{ code: EVENT_JOB_ADDED, jobId: 'a', jobStore: 'default' }]);
  });

  it('removes a job', async () => {
    const { scheduler } = await startApp({ providers: [Decorated] });
    await scheduler.removeJob('job1');
    expect(await scheduler.getJob('job1')).toBeUndefined();
    expect(await scheduler.getJob('job2')).toBeDefined();
  });

  it('removes all jobs', async () => {
    const { scheduler } = await startApp({ providers: [Decorated] });
    expect(await scheduler.getJobs()).toHaveLength(2);
    await scheduler.removeAllJobs();
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('pauses, resumes, changes, reschedules and runs a job', async () => {
    const { app, scheduler } = await startApp({ providers: [Decorated] });
    expect((await scheduler.pauseJob('job1')).nextRunTime).toBeNull();
    expect((await scheduler.resumeJob('job1')).nextRunTime).not.toBeNull();
    expect((await scheduler.modifyJob('job1', { name: 'First', maxInstances: 2 })).name).toBe('First');
    const rescheduled = await scheduler.rescheduleJob('job1', { trigger: 'cron', minute: 5 });
    expect(rescheduled.nextRunTime).toBe(Date.UTC(2030, 0, 1, 0, 5));
    await scheduler.runJob('job1');
    expect(app.get(Decorated).runs).toBe(1);
  });

  it('writes a job as a dictionary', async () => {
    const { scheduler } = await startApp({ providers: [Decorated] });
    const job = await scheduler.getJob('job1');
    expect(job && jobToDict(job)).toMatchObject({ id: 'job1', func: 'Decorated:first', trigger: 'interval', hours: 1 });
  });

  it('keeps what decides who may use the API: the option first, then the last callback', async () => {
    const fromOptions = () => false;
    const { scheduler } = await startApp({ options: { authenticate: fromOptions } });
    expect(scheduler.authenticateCallback).toBe(fromOptions);
    const own = () => true;
    expect(scheduler.authenticate(own)).toBe(own);
    expect(scheduler.authenticateCallback).toBe(own);
    expect(() => scheduler.authenticate('admin' as never)).toThrow(InvalidInputError);
  });
});
