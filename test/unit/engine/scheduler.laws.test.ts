import fc from 'fast-check';
import {
  MemoryJobStore,
  type CoalesceMode,
  type OverlapPolicy,
  type RecordResult,
  type RunContext,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, MINUTE, SECOND, START } from '../../support/engine.js';

type Mishap = 'pause' | 'resume' | 'restart' | 'take fails' | 'record fails' | 'store works' | 'jump';

/** What can befall a scheduler. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 7000 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('succeed' as const, 'fail' as const), which: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom<Mishap>('pause', 'resume', 'restart', 'take fails', 'record fails', 'store works', 'jump'),
    }),
  },
);

class Unsteady extends MemoryJobStore {
  fails: 'take' | 'record' | null = null;

  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    if (this.fails === 'take') throw new Error('connection lost');
    return super.claimDue(request);
  }

  override async record(...args: Parameters<MemoryJobStore['record']>): Promise<RecordResult> {
    if (this.fails === 'record') throw new Error('connection lost');
    return super.record(...args);
  }
}

const job = fc.record({
  overlap: fc.constantFrom<OverlapPolicy>('skip', 'queue', 'replace', 'allow'),
  coalesce: fc.constantFrom<CoalesceMode>('latest', 'earliest', 'all'),
  maxInstances: fc.integer({ min: 1, max: 3 }),
  maxQueued: fc.integer({ min: 1, max: 3 }),
  catchUpLimit: fc.integer({ min: 1, max: 10 }),
  retry: fc.option(fc.record({ attempts: fc.constant(3), delay: fc.integer({ min: 0, max: 5 }) })),
  timeout: fc.option(fc.integer({ min: 1, max: 10 })),
  misfireGraceTime: fc.option(fc.integer({ min: 1, max: 20 })),
});

describe('Whatever befalls a scheduler', () => {
  it('each time of a job is made once or recorded as left out, and no more are under way than may', async () => {
    await fc.assert(
      fc.asyncProperty(job, fc.array(step, { minLength: 5, maxLength: 40 }), async (options, steps) => {
        const store = new Unsteady();
        const history = { perJob: 100_000, total: 100_000, maxAge: '1000d' };
        const { scheduler, clock } = engineWorld({ jobStores: { default: store }, history });
        const underWay: ((error?: Error) => void)[] = [];
        let isOver = false;
        const task = ({ signal }: RunContext): Promise<void> | undefined => {
          if (isOver) return undefined;
          return new Promise((resolve, reject) => {
            const end = (error?: Error): void => {
              const at = underWay.indexOf(end);
              if (at < 0) return;
              underWay.splice(at, 1);
              if (error) reject(error);
              else resolve();
            };
            underWay.push(end);
            signal.addEventListener('abort', () => end(signal.reason as Error));
          });
        };
        await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1, ...options });
        await scheduler.start();
        for (const one of steps) {
          if (one.do === 'advance') await clock.advance(one.ms);
          else if (one.do === 'succeed') underWay[one.which]?.();
          else if (one.do === 'fail') underWay[one.which]?.(new Error('no'));
          else if (one.do === 'pause') await scheduler.pause();
          else if (one.do === 'resume') await scheduler.resume();
          else if (one.do === 'jump') await clock.set(clock.now() + MINUTE);
          else if (one.do === 'take fails') store.fails = 'take';
          else if (one.do === 'store works') store.fails = null;
          else if (one.do === 'restart') {
            // What a store in memory cannot record at the end is given up, and told: another matter.
            store.fails = null;
            await scheduler.shutdown({ wait: false });
            await scheduler.start();
          } else store.fails = 'record';
          if (options.overlap !== 'allow') expect(underWay.length).toBeLessThanOrEqual(options.maxInstances);
        }
        store.fails = null;
        isOver = true;
        await scheduler.resume();
        while (underWay.length > 0) underWay[0]?.();
        await clock.advance(2 * MINUTE);
        await scheduler.pause();
        const runs = [];
        for (let cursor: string | undefined; ;) {
          const page = await scheduler.getRuns({ limit: 1000, ...(cursor !== undefined && { cursor }) });
          runs.push(...page.runs);
          if (page.nextCursor === null) break;
          cursor = page.nextCursor;
        }
        const made = new Map<string, number>();
        const told = new Set<number>();
        for (const { nominalTime, lastNominalTime, startedAt, state, attempt } of runs) {
          expect(state).not.toBe('running');
          for (let time = nominalTime; time <= lastNominalTime; time += SECOND) told.add(time);
          const key = `${(nominalTime - START) / SECOND}, attempt ${attempt}`;
          if (startedAt !== null) made.set(key, (made.get(key) ?? 0) + 1);
        }
        expect([...made].filter(([, times]) => times > 1)).toEqual([]);
        const silent = [];
        for (let time = START + SECOND; time <= clock.now(); time += SECOND)
          if (!told.has(time)) silent.push(time - START);
        expect(silent).toEqual([]);
        await scheduler.shutdown();
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
