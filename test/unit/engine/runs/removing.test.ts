import { EVENT_JOB_REMOVED, RunActiveError, RunLookupError } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND, START } from '../../../support/engine.js';

describe('removeRun()', () => {
  it('removes a run that has ended from the history', async () => {
    const { clock, happened, scheduler } = engineWorld();
    scheduler.registerTask('work', () => undefined);
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: 'work', trigger: 'interval', seconds: 1 });
    await clock.advance('2s');
    const [second, first] = (await scheduler.getRuns()).runs;
    await scheduler.removeRun(second?.id ?? '');
    expect((await scheduler.getRuns()).runs).toEqual([first]);
    expect((await scheduler.getJob('a'))?.lastRun).toMatchObject({ id: first?.id });
    expect(happened(EVENT_JOB_REMOVED)).toEqual([]);
  });

  it('reports that the job is removed whose last retry goes with the run', async () => {
    const { clock, happened, scheduler } = engineWorld();
    scheduler.registerTask('work', () => {
      throw new Error('no');
    });
    await scheduler.start();
    const retry = { attempts: 2, delay: '1h' };
    await scheduler.addJob({ id: 'a', task: 'work', trigger: 'date', runDate: START + SECOND, retry });
    await clock.advance('1s');
    const [run] = (await scheduler.getRuns()).runs;
    expect(run).toMatchObject({ state: 'failed', retryAt: expect.any(Number) as number });
    await scheduler.removeRun(run?.id ?? '');
    expect(happened(EVENT_JOB_REMOVED)).toMatchObject([{ jobId: 'a', jobStore: 'default' }]);
    expect(await scheduler.getJobs()).toEqual([]);
    await clock.advance('2h');
    expect((await scheduler.getRuns()).runs).toEqual([]);
  });

  it('refuses a run that is under way, and an unknown one', async () => {
    const { clock, scheduler } = engineWorld();
    const stuck = gate();
    scheduler.registerTask('work', () => stuck.promise);
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: 'work', trigger: 'interval', seconds: 1 });
    await clock.advance('1s');
    const id = (await scheduler.getRuns()).runs[0]?.id ?? '';
    await expect(scheduler.removeRun(id)).rejects.toThrow(RunActiveError);
    await expect(scheduler.removeRun(id)).rejects.toThrow(
      `Run "${id}" cannot be removed: it is under way; cancel it first`,
    );
    await expect(scheduler.removeRun('nobody')).rejects.toThrow(RunLookupError);
    stuck.open();
    await clock.advance(0);
    await scheduler.removeRun(id);
    expect((await scheduler.getRuns()).runs).toEqual([]);
  });
});
