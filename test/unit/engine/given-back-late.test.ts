import { MemoryJobStore, type CoalesceMode, type RecordResult, type RunContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND, START } from '../../support/engine.js';

class Unsteady extends MemoryJobStore {
  fails = false;
  override async record(...args: Parameters<MemoryJobStore['record']>): Promise<RecordResult> {
    if (this.fails) throw new Error('connection lost');
    return super.record(...args);
  }
}

describe('A run that is given back to a store which hears of it late', () => {
  it.each<CoalesceMode>(['latest', 'earliest', 'all'])(
    'is made by itself, and no later time twice: coalesce %s',
    async (coalesce) => {
      const store = new Unsteady();
      const { scheduler, clock } = engineWorld({ jobStores: { default: store } });
      const made: number[] = [];
      const second = gate();
      const task = ({ scheduledTime }: RunContext): unknown => {
        const time = (scheduledTime - START) / SECOND;
        made.push(time);
        return time === 2 ? second.promise : undefined;
      };
      await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, overlap: 'queue', coalesce });
      await scheduler.start();
      // The third waits for the second, and does not get its turn.
      await clock.advance(3 * SECOND);
      store.fails = true;
      await scheduler.pause();
      second.open();
      await clock.advance(0);
      await scheduler.resume();
      await clock.advance(SECOND);
      expect(made).toEqual([1, 2, 4]);
      store.fails = false;
      await clock.advance(3 * SECOND);
      expect(made.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const { runs } = await scheduler.getRuns({ state: 'missed' });
      expect(runs).toMatchObject([{ nominalTime: START + 3 * SECOND, reason: 'paused', retryAt: null }]);
      await scheduler.shutdown();
    },
  );
});
