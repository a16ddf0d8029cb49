import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MAX_INSTANCES,
  EVENT_JOB_MISSED,
  RunCancelledError,
  type JobOptions,
  type OverlapPolicy,
  type Run,
  type RunContext,
  type TriggerDefinition,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, HOUR, SECOND, START, type EngineWorld } from '../../../support/engine.js';

interface Overlapping extends EngineWorld {
  /** Seconds for which runs have begun, in the order of their beginning. */
  readonly began: number[];
  /** Seconds for which runs are under way. */
  readonly underWay: () => number[];
  /** Ends the run for a second. */
  readonly end: (second: number, error?: Error) => Promise<void>;
  /** The history in short, oldest first: `1 succeeded`, `2-4 skipped: overlap`. */
  readonly history: () => Promise<string[]>;
}

const inShort = ({ nominalTime, lastNominalTime, state, reason }: Run): string => {
  const [from, to] = [nominalTime, lastNominalTime].map((time) => (time - START) / SECOND);
  return `${from === to ? from : `${from}-${to}`} ${state}${reason === null ? '' : `: ${reason}`}`;
};

/** A started scheduler with a job `a`, each second by default, whose runs end when the test says. */
async function overlapping(
  overlap: OverlapPolicy,
  options: JobOptions & { heeds?: boolean } = {},
  trigger: TriggerDefinition = { trigger: 'interval', seconds: 1 },
): Promise<Overlapping> {
  const { heeds = true, ...jobOptions } = options;
  const world = engineWorld();
  const began: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  const task = ({ scheduledTime, signal }: RunContext): Promise<void> => {
    const second = (scheduledTime - START) / SECOND;
    began.push(second);
    return new Promise((resolve, reject) => {
      const end = (error?: Error): void => {
        ends.delete(second);
        if (error) reject(error);
        else resolve();
      };
      ends.set(second, end);
      if (heeds) signal.addEventListener('abort', () => end(signal.reason as Error));
    });
  };
  await world.scheduler.addJob({ id: 'a', task, overlap, ...jobOptions, ...trigger });
  await world.scheduler.start();
  return {
    ...world,
    began,
    underWay: () => [...ends.keys()],
    end: async (second, error) => {
      const end = ends.get(second);
      if (!end) throw new Error(`No run for ${second} is under way`);
      end(error);
      await world.clock.advance(0);
    },
    history: async () => (await world.scheduler.getRuns({ jobId: 'a' })).runs.map(inShort).toReversed(),
  };
}

describe('With overlap "skip"', () => {
  it.each([1, 3])('%i run(s) at most are under way; the others are one range in the history', async (maxInstances) => {
    const { clock, began, end, history, happened } = await overlapping('skip', { maxInstances });
    await clock.advance(8 * SECOND);
    const first = Array.from({ length: maxInstances }, (_, n) => n + 1);
    expect(began).toEqual(first);
    expect(await history()).toEqual([...first.map((n) => `${n} running`), `${maxInstances + 1}-8 skipped: overlap`]);
    expect(happened(EVENT_JOB_MAX_INSTANCES)).toHaveLength(8 - maxInstances);
    await end(1);
    await clock.advance(SECOND);
    expect(began).toEqual([...first, 9]);
  });

  it('each episode has a range of its own', async () => {
    const { clock, end, history } = await overlapping('skip');
    await clock.advance(3 * SECOND);
    await end(1);
    await clock.advance(3 * SECOND);
    expect(await history()).toEqual(['1 succeeded', '2-3 skipped: overlap', '4 running', '5-6 skipped: overlap']);
  });

  it('the last run of a job waits for its place and is made', async () => {
    const { clock, began, end, history, scheduler } = await overlapping(
      'skip',
      {},
      {
        trigger: 'interval',
        seconds: 1,
        endDate: START + 3 * SECOND,
      },
    );
    await clock.advance(5 * SECOND);
    await end(1);
    expect(began).toEqual([1, 3]);
    await end(3);
    expect(await history()).toEqual(['1 succeeded', '2 skipped: overlap', '3 succeeded']);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('a retry waits for its place, and is not left out', async () => {
    const { clock, began, end, history } = await overlapping('skip', { retry: { attempts: 2, delay: 1.5 } });
    await clock.advance(SECOND);
    await end(1, new Error('no'));
    await clock.advance(2 * SECOND);
    expect(began).toEqual([1, 2]);
    await end(2);
    expect(began).toEqual([1, 2, 1]);
    expect(await history()).toEqual(['1 failed', '2 succeeded', '1 running', '3 skipped: overlap']);
  });
});

describe('With overlap "queue"', () => {
  it('runs wait for their turn, in order', async () => {
    const { clock, began, underWay, end } = await overlapping('queue', { maxInstances: 2 });
    await clock.advance(6 * SECOND);
    expect(began).toEqual([1, 2]);
    await end(2);
    await end(1);
    expect(underWay()).toEqual([3, 4]);
    await end(3);
    await end(4);
    expect(began).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('at most maxQueued wait; those beyond are one range in the history, and each is told', async () => {
    const { clock, began, end, history, happened } = await overlapping('queue', { maxQueued: 2 });
    await clock.advance(6 * SECOND);
    expect(await history()).toEqual(['1 running', '2 running', '3 running', '4-6 skipped: queue full']);
    expect(happened(EVENT_JOB_MAX_INSTANCES).map((event) => event.reason)).toEqual(Array(3).fill('queue full'));
    await end(1);
    await clock.advance(SECOND);
    for (const second of [2, 3, 7]) await end(second);
    expect(began).toEqual([1, 2, 3, 7]);
  });

  it('a run that waits has not started, and its time-out has not begun', async () => {
    const { scheduler, clock, end } = await overlapping(
      'queue',
      { timeout: 5 },
      {
        trigger: 'interval',
        seconds: 1,
        endDate: START + 2 * SECOND,
      },
    );
    await clock.advance(5 * SECOND);
    expect((await scheduler.getRuns()).runs[0]).toMatchObject({ state: 'running', startedAt: null });
    await end(1);
    await clock.advance(4 * SECOND);
    expect((await scheduler.getRuns()).runs[0]).toMatchObject({ state: 'running', startedAt: START + 5 * SECOND });
    await clock.advance(SECOND);
    expect((await scheduler.getRuns()).runs[0]).toMatchObject({ state: 'timed_out' });
  });

  it('a run that waits and is cancelled does not begin, and the next one does', async () => {
    const { scheduler, clock, began, end, history } = await overlapping('queue');
    await clock.advance(3 * SECOND);
    const second = (await scheduler.getRuns()).runs.find(({ nominalTime }) => nominalTime === START + 2 * SECOND)!;
    await scheduler.cancelRun(second.id);
    await end(1);
    expect(began).toEqual([1, 3]);
    expect(await history()).toEqual(['1 succeeded', '2 cancelled: cancelled', '3 running']);
  });

  it('what waits too long for its grace is missed', async () => {
    const { clock, began, end, history } = await overlapping('queue', { misfireGraceTime: 2 });
    await clock.advance(5 * SECOND);
    await end(1);
    expect(began).toEqual([1, 3]);
    expect(await history()).toEqual(['1 succeeded', '2 missed: misfire', '3 running', '4 running', '5 running']);
  });

  it('what waits is missed when the job is paused, and tried again in order when it goes on', async () => {
    const { scheduler, clock, began, end, history } = await overlapping('queue');
    await clock.advance(3 * SECOND);
    await scheduler.pauseJob('a');
    await end(1);
    expect(began).toEqual([1]);
    expect(await history()).toEqual(['1 succeeded', '2 missed: paused', '3 missed: paused']);
    await scheduler.resumeJob('a');
    await clock.advance(0);
    expect(began).toEqual([1, 2]);
    await end(2);
    expect(began).toEqual([1, 2, 3]);
  });

  it('what waits is told and dropped by a removal of the job', async () => {
    const { scheduler, clock, began, end, history } = await overlapping('queue');
    await clock.advance(3 * SECOND);
    await scheduler.removeJob('a');
    await end(1);
    expect(began).toEqual([1]);
    expect(await history()).toEqual(['1 succeeded', '2 missed: removed', '3 missed: removed']);
  });

  it('runs by hand wait with the others, and are refused when as many wait as may', async () => {
    const { scheduler, clock, began, end } = await overlapping(
      'queue',
      { maxQueued: 1 },
      { trigger: 'interval', hours: 1 },
    );
    const first = scheduler.runJob('a');
    await clock.advance(SECOND);
    const second = scheduler.runJob('a');
    await clock.advance(SECOND);
    await expect(scheduler.runJob('a')).rejects.toThrow(/maximum of 1 running/);
    await end(0);
    await first;
    await end(1);
    await second;
    expect(began).toEqual([0, 1]);
  });
});

describe('With overlap "replace"', () => {
  it('the oldest run is cancelled in favour of the newest', async () => {
    const { clock, began, underWay, history, happened } = await overlapping('replace', { maxInstances: 2 });
    await clock.advance(4 * SECOND);
    expect(began).toEqual([1, 2, 3, 4]);
    expect(underWay()).toEqual([3, 4]);
    expect(await history()).toEqual(['1 cancelled: replaced', '2 cancelled: replaced', '3 running', '4 running']);
    expect(happened(EVENT_JOB_ERROR)[0]).toMatchObject({
      state: 'cancelled',
      exception: expect.any(RunCancelledError),
    });
  });

  it('the newest waits while the oldest ignores its signal, and those in between are left out', async () => {
    const { clock, began, end, history, logger } = await overlapping('replace', { heeds: false });
    await clock.advance(4 * SECOND);
    expect(began).toEqual([1]);
    expect(await history()).toEqual([
      '1 cancelled: replaced',
      '2 skipped: replaced',
      '3 skipped: replaced',
      '4 running',
    ]);
    expect(logger.lines.join('\n')).toContain('goes on though its signal is aborted');
    await end(1);
    expect(began).toEqual([1, 4]);
  });

  it('the last run of a job is made', async () => {
    const { clock, began, end, scheduler } = await overlapping(
      'replace',
      { heeds: false },
      {
        trigger: 'interval',
        seconds: 1,
        endDate: START + 3 * SECOND,
      },
    );
    await clock.advance(5 * SECOND);
    await end(1);
    expect(began).toEqual([1, 3]);
    await end(3);
    expect(await scheduler.getJobs()).toEqual([]);
  });

  it('who waits for the run by hand that is replaced is told', async () => {
    const { scheduler, clock, end } = await overlapping('replace', {}, { trigger: 'interval', hours: 1 });
    const first = scheduler.runJob('a').catch((error: unknown) => error);
    await clock.advance(SECOND);
    const second = scheduler.runJob('a');
    await clock.advance(SECOND);
    expect(await first).toMatchObject({ code: 'RUN_CANCELLED', reason: 'replaced' });
    await end(1);
    await second;
  });

  it('a retry does not take the place of a run for a later time: it is left out', async () => {
    const { clock, began, end, history } = await overlapping(
      'replace',
      { retry: { attempts: 2, delay: 1.5 } },
      {
        trigger: 'interval',
        seconds: 1,
        endDate: START + 2 * SECOND,
      },
    );
    await clock.advance(SECOND);
    await end(1, new Error('no'));
    await clock.advance(10 * SECOND);
    expect(began).toEqual([1, 2]);
    expect(await history()).toEqual(['1 failed', '2 running', '1 skipped: replaced']);
  });
});

describe('With overlap "allow"', () => {
  it('every run is made, whatever maxInstances says', async () => {
    const { clock, underWay, happened, scheduler } = await overlapping('allow');
    await clock.advance(5 * SECOND);
    expect(underWay()).toEqual([1, 2, 3, 4, 5]);
    scheduler.runJob('a').catch(() => undefined);
    await clock.advance(0.5 * SECOND);
    expect(underWay()).toHaveLength(5);
    expect(happened(EVENT_JOB_MAX_INSTANCES)).toEqual([]);
  });
});

describe('Eight thousand runs that wait for a place', () => {
  it('are all closed as missed when the scheduler is paused, and made after it resumes', async () => {
    const { scheduler, clock, end, happened } = await overlapping('queue', {
      maxQueued: 8000,
      misfireGraceTime: null,
    });
    await clock.advance(8001 * SECOND);
    await scheduler.pause();
    await end(1);
    expect(happened(EVENT_JOB_MISSED)).toHaveLength(8000);
    await scheduler.resume();
    await clock.advance(0);
    await end(2);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(2);
  }, 60_000);
});

describe('A place that a run keeps', () => {
  it.each(['skip', 'queue', 'replace'] as const)('past its time-out is not given to another (%s)', async (overlap) => {
    const { clock, began, end, happened } = await overlapping(overlap, { timeout: 0.5, heeds: false });
    await clock.advance(3 * SECOND);
    expect(began).toEqual([1]);
    await end(1);
    await clock.advance(SECOND);
    expect(began.length).toBe(2);
    expect(happened(EVENT_JOB_EXECUTED)).toEqual([]);
  });

  it('is its job’s alone: an hour of overlap keeps no other job from running', async () => {
    const { scheduler, clock, history, happened } = await overlapping('skip');
    await scheduler.addJob({ id: 'b', task: () => undefined, trigger: 'interval', minutes: 1 });
    await clock.advance(HOUR);
    expect(happened(EVENT_JOB_EXECUTED)).toHaveLength(60);
    expect(await history()).toEqual(['1 running', '2-3600 skipped: overlap']);
  });
});
