import { MemoryJobStore } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../../support/engine.js';

describe('The cursor of a page of runs', () => {
  it('leads through all runs, each once', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJob({ id: 'a', task: () => 1, trigger: 'interval', hours: 1 });
    await scheduler.start();
    for (let n = 0; n < 5; n++) await scheduler.runJob('a');
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await scheduler.getRuns({ limit: 2, ...(cursor !== null && { cursor }) });
      seen.push(...page.runs.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(5);
    expect(seen).toEqual(seen.toSorted().toReversed());
    await scheduler.shutdown();
  });

  it('leads through all runs of several stores, though pages end early because their runs are large', async () => {
    const { scheduler } = engineWorld();
    await scheduler.addJobStore(new MemoryJobStore(), 'other');
    await scheduler.addJob({ id: 'large', task: () => 1, trigger: 'interval', hours: 1 });
    await scheduler.addJob({ id: 'small', task: () => 1, trigger: 'interval', hours: 1, jobStore: 'other' });
    await scheduler.start();
    for (let n = 0; n < 100; n++) {
      await scheduler.runJob('large', { args: ['x'.repeat(90_000)] });
      await scheduler.runJob('small');
    }
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await scheduler.getRuns({ limit: 1000, ...(cursor !== undefined && { cursor }) });
      expect(JSON.stringify(page).length).toBeLessThan(4_500_000);
      seen.push(...page.runs.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toHaveLength(200);
    expect(seen).toEqual(seen.toSorted().toReversed());
    await scheduler.shutdown();
  });

  it.each(['2', 'zzz', 'f'.repeat(18), `${'0'.repeat(18)}-1234567`, `x${'0'.repeat(18)}-12345678`])(
    'is refused when it is %j, by name and with all other faults',
    async (cursor) => {
      const { scheduler } = engineWorld();
      const asked = scheduler.getRuns({ cursor, limit: 0 });
      await expect(asked).rejects.toThrow(`cursor must be the nextCursor of a page, got "${cursor}"`);
      await expect(asked).rejects.toThrow('limit must be a whole number from 1 to 1000');
      expect(() => scheduler.checkRunQuery({ cursor })).toThrow('cursor must be');
    },
  );
});
