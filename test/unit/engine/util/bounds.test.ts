import { InvalidInputError, LocalExecutor, type JobDefinition } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { withinBounds } from '../../../../lib/engine/jobs/job-options.js';
import type { JobRecord } from '../../../../lib/engine/model/job.js';
import { engineWorld, MINUTE, SECOND } from '../../../support/engine.js';

const huge = Number.MAX_SAFE_INTEGER;
const nothing = (): undefined => undefined;
const job = (options: object): JobDefinition => ({ id: 'x', task: nothing, trigger: 'interval', hours: 1, ...options });

describe('A numeric option beyond its bound', () => {
  it.each<[string, object, string]>([
    ['catchUpLimit', { catchUpLimit: huge }, `catchUpLimit must be at most 10000, got ${huge}`],
    ['maxInstances', { maxInstances: 1001 }, 'maxInstances must be at most 1000, got 1001'],
    ['maxQueued', { maxQueued: Infinity }, 'maxQueued must be at most 10000, got Infinity'],
    ['retry', { retry: huge }, `retry.attempts must be at most 10000, got ${huge}`],
    [
      'retry.delay',
      { retry: { attempts: 2, delay: '366d' } },
      'retry.delay must be at most 31536000 seconds, got "366d"',
    ],
    ['retry.maxDelay', { retry: { attempts: 2, maxDelay: 1e300 } }, 'retry.maxDelay must be at most 31536000 seconds'],
    ['retry.jitter', { retry: { attempts: 2, jitter: 1e9 } }, 'retry.jitter must be at most 31536000 seconds'],
    ['jitter', { jitter: { max: 1e9, seed: 'id' } }, 'jitter.max must be at most 31536000 seconds'],
    ['misfireGraceTime', { misfireGraceTime: 1e10 }, 'misfireGraceTime must be at most 3153600000 seconds'],
    ['timeout', { timeout: 1e300 }, 'timeout must be at most 3153600000 seconds'],
    ['seconds', { hours: undefined, seconds: 1e300 }, 'seconds must not make an interval beyond the calendar'],
  ])('is refused with its name, its value and the bound: %s', async (_, options, problem) => {
    const { scheduler } = engineWorld();
    const adding = scheduler.addJob(job(options));
    await expect(adding).rejects.toThrow(InvalidInputError);
    await expect(adding).rejects.toThrow(problem);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('is refused among the job defaults, the history and the time to shut down', () => {
    expect(() => engineWorld({ jobDefaults: { catchUpLimit: huge } })).toThrow('catchUpLimit must be at most 10000');
    expect(() => engineWorld({ history: { perJob: huge } })).toThrow('history.perJob must be at most 100000000');
    expect(() => engineWorld({ history: { total: 1e9 } })).toThrow('history.total must be at most 100000000');
    expect(() => engineWorld({ history: { maxAge: 1e10 } })).toThrow(
      'history.maxAge must be at most 3153600000 seconds',
    );
    expect(() => engineWorld({ shutdownTimeout: 1e10 })).toThrow('shutdownTimeout must be at most 3153600000 seconds');
  });

  it('is refused as the concurrency of an executor, and a run is given no more than a million characters', async () => {
    expect(() => new LocalExecutor({ concurrency: 100_001 })).toThrow('concurrency must be at most 100000, got 100001');
    expect(() => new LocalExecutor({ concurrency: Infinity })).toThrow('concurrency must be at most 100000');
    expect(new LocalExecutor().concurrency).toBe(100_000);
    const { scheduler } = engineWorld();
    await scheduler.addJob(job({}));
    await scheduler.start();
    const long = 'x'.repeat(1_000_000);
    for (const given of [{ args: [long] }, { kwargs: { long } }]) {
      const problem = `${Object.keys(given).join()} must have at most 1000000 characters as JSON, got 10000`;
      await expect(scheduler.runJob('x', given)).rejects.toThrow(problem);
    }
    expect((await scheduler.getRuns()).runs).toEqual([]);
    await scheduler.runJob('x', { args: [long.slice(10)], kwargs: { n: 1n } });
    await scheduler.shutdown();
  });

  it('counts as the bound where an earlier release has stored it', () => {
    const retry = { attempts: huge, delay: 1e10, backoff: 'fixed', maxDelay: 1e10, jitter: 1e10 } as const;
    const stored = { id: 'x', catchUpLimit: huge, maxInstances: huge, maxQueued: huge, retry } as unknown as JobRecord;
    const year = 31_536_000;
    expect(withinBounds(stored)).toEqual({
      id: 'x',
      catchUpLimit: 10_000,
      maxInstances: 1000,
      maxQueued: 10_000,
      retry: { attempts: 10_000, delay: year, backoff: 'fixed', maxDelay: year, jitter: year },
    });
    const usual = { ...stored, catchUpLimit: 5, maxInstances: 1, maxQueued: 100, retry: null };
    expect(withinBounds(usual)).toBe(usual);
  });
});

describe('A job that missed an hour of milliseconds', () => {
  it('runs as often as its limit says, and drops the rest', async () => {
    const { scheduler, clock } = engineWorld();
    let runs = 0;
    const often = { hours: undefined, seconds: 0.001, coalesce: 'all', catchUpLimit: 50 };
    await scheduler.addJob(job({ task: () => void runs++, ...often }));
    await scheduler.start({ paused: true });
    await clock.advance(60 * MINUTE);
    await scheduler.resume();
    await clock.advance(0);
    const { runs: missed } = await scheduler.getRuns({ state: 'missed' });
    expect(runs).toBe(50);
    expect(missed).toMatchObject([{ reason: 'catch-up limit' }]);
    await scheduler.shutdown();
  });
});

describe('A job with overlap "allow" whose runs never end', () => {
  it('has a thousand runs under way at most, and says why it skips the others', async () => {
    const { scheduler, clock, logger } = engineWorld({ shutdownTimeout: 0 });
    let under = 0;
    const endless = async (): Promise<void> => {
      under++;
      await new Promise(() => undefined);
    };
    await scheduler.addJob(job({ task: endless, hours: undefined, seconds: 1, overlap: 'allow' }));
    await scheduler.start();
    await clock.advance(1100 * SECOND);
    expect(under).toBe(1000);
    const { runs: skipped } = await scheduler.getRuns({ state: 'skipped' });
    expect(skipped).toMatchObject([{ reason: 'overlap' }]);
    expect(logger.lines.join('\n')).toContain('it is running 1000 time(s) already, the most that any job may');
    await expect(scheduler.runJob('x')).rejects.toThrow('already has its maximum of 1000 running');
    await scheduler.shutdown({ wait: false });
  });
});
