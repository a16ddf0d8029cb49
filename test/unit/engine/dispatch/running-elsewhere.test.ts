import { MemoryJobStore, type ClaimRequest, type ClaimResult, type RunContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND, START } from '../../../support/engine.js';

/** A store in which other nodes have runs of each job under way. */
class Shared extends MemoryJobStore {
  elsewhere = 0;

  override claimDue(request: ClaimRequest): Promise<ClaimResult> {
    return super.claimDue({
      ...request,
      plan: (job, due, now) => request.plan(job, due, now, this.elsewhere),
      retry: (job, failed, now) => request.retry(job, failed, now, this.elsewhere),
    });
  }
}

describe('Retries of a job that other nodes run', () => {
  it('take no more places than the job has left on all nodes, together with runs that are due at the same time', async () => {
    const store = new Shared();
    const { clock, scheduler } = engineWorld({ jobStores: { default: store } });
    const ends = gate();
    const running: number[] = [];
    let fails = true;
    const task = ({ scheduledTime }: RunContext): Promise<void> => {
      if (fails) throw new Error('not yet');
      running.push((scheduledTime - START) / SECOND);
      return ends.promise;
    };
    const retry = { attempts: 2, delay: 10, backoff: 'fixed' } as const;
    const times = { startDate: new Date(START), endDate: new Date(START + 20 * SECOND) };
    const limits = { coalesce: false, overlap: 'queue', maxInstances: 3, retry } as const;
    for (const id of ['one', 'two']) {
      await scheduler.addJob({ id, task, trigger: 'date', runDate: new Date(START), ...limits });
    }
    await scheduler.addJob({ id: 'three', task, trigger: 'interval', seconds: 5, ...times, ...limits });
    await scheduler.start();
    await clock.advance(6 * SECOND);
    fails = false;
    store.elsewhere = 2;
    // Retries of the runs at 0 and at 5 are due, and at the same time the run at 10.
    await clock.advance(9 * SECOND);
    const third = await scheduler.getRuns({ jobId: 'three', state: 'running' });
    expect(third.runs.map(({ cause }) => cause)).toEqual(['schedule']);
    expect(running).toEqual([0, 0, 10]);
    store.elsewhere = 0;
    ends.open();
    // A shared store asks again by itself.
    scheduler.registerTask('another', () => undefined);
    await clock.advance(60 * SECOND);
    expect(running.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 5, 10, 15, 20]);
    await scheduler.shutdown();
  });
});
