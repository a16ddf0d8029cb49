import type { RunContext, TaskFunction } from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { WorkerRun, type DeliveredJob } from '../../../../lib/executors/bullmq/worker/worker-run.js';

const envelope = {
  ...{ runId: 'r1', jobId: 'j1', task: 't', args: [1], kwargs: {}, scheduledTime: 5, attempt: 1 },
  ...{ timeout: null as number | null, deadline: null as number | null, trace: null },
};

function runOf(task: TaskFunction, data: object = {}, job: Partial<DeliveredJob> = {}) {
  const reports: object[] = [];
  const run = new WorkerRun(
    {
      ...{ id: 'r1', name: 't', data: { ...envelope, ...data }, attemptsStarted: 1 },
      updateProgress: async (report) => void reports.push(report),
      ...job,
    },
    { worker: 'host:7', task: () => task },
  );
  return { run, reports, failure: () => (reports.at(-1) as { failure?: unknown }).failure };
}

const untilAborted = ({ signal }: RunContext): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('A run in a worker of BullMQ', () => {
  it('answers what its task returns, with everything that was said', async () => {
    const { run } = runOf((given: number, { log, progress, runId }: RunContext) => {
      log('line');
      progress(0.5);
      return [given, runId];
    });
    expect(await run.carryOut()).toMatchObject({
      ...{ apscheduler: 1, value: [1, 'r1'], worker: 'host:7', startedAt: expect.any(Number) },
      ...{ from: 0, lines: ['line'], progress: 0.5 },
    });
  });

  it('tells the whole error before its job fails with the message', async () => {
    class QueueFull extends Error {
      override readonly name = 'DelayedError';
      readonly code = 'E_FULL';
    }
    const { failure, run } = runOf(() => {
      throw new QueueFull('full');
    });
    // BullMQ has a meaning for that name.
    await expect(run.carryOut()).rejects.toMatchObject({ name: 'Error', message: 'full' });
    expect(failure()).toMatchObject({ state: 'failed', error: { name: 'DelayedError', members: { code: 'E_FULL' } } });
  });

  it.each([
    ['text', 'text'],
    [7n, '7n'],
    [new Map([[1, 2n]]), expect.stringContaining('Map')],
  ])('tells what was thrown that is no Error: %s', async (thrown, told) => {
    const { failure, run } = runOf(() => {
      throw thrown;
    });
    await expect(run.carryOut()).rejects.toBeInstanceOf(Error);
    expect(failure()).toMatchObject({ state: 'failed', error: { thrown: told } });
  });

  it.each([
    ['was begun before', {}, { attemptsStarted: 2 }, 'The run was begun before'],
    ['is past its deadline', { deadline: 1 }, {}, 'The deadline of the run is over'],
  ])('is lost, and not carried out, when it %s', async (_title, data, job, problem) => {
    let calls = 0;
    const { failure, run } = runOf(() => calls++, data, job);
    await expect(run.carryOut()).rejects.toThrow(problem);
    expect(failure()).toMatchObject({ state: 'lost', error: { name: 'WorkerFailedError' } });
    expect(calls).toBe(0);
  });

  it('has timed out when it takes too long, even if it returns something then', async () => {
    for (const task of [untilAborted, (context: RunContext) => untilAborted(context).catch(() => 'late')]) {
      const { failure, run } = runOf((_given: number, context: RunContext) => task(context), { timeout: 1 });
      await expect(run.carryOut()).rejects.toThrow('took longer than its timeout of 0.001 s');
      expect(failure()).toMatchObject({ state: 'timed_out', error: { name: 'RunTimedOutError' } });
    }
  });

  it('has failed with the reason when its scheduler cancels it', async () => {
    const { failure, run } = runOf((_given: number, context: RunContext) => untilAborted(context));
    const carried = run.carryOut();
    run.cancel(new RangeError('not needed'));
    await expect(carried).rejects.toThrow('not needed');
    expect(failure()).toMatchObject({ state: 'failed', error: { name: 'RangeError' } });
  });

  it('is lost when its worker stops, unless it succeeds', async () => {
    const { failure, run } = runOf((_given: number, context: RunContext) => untilAborted(context));
    const carried = run.carryOut();
    run.stop();
    await expect(carried).rejects.toThrow('Its worker was stopped');
    expect(failure()).toMatchObject({ state: 'lost' });
    const other = runOf((_given: number, context: RunContext) => untilAborted(context).catch(() => 'done'));
    const succeeds = other.run.carryOut();
    other.run.stop();
    expect(await succeeds).toMatchObject({ value: 'done' });
  });

  it('fails when its result is no JSON, or too long', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    await expect(runOf(() => cyclic).run.carryOut()).rejects.toThrow('"t" has returned what cannot leave its process');
    await expect(runOf(() => 'x'.repeat(1_000_000)).run.carryOut()).rejects.toThrow('Let it store them');
  });

  it('ends though nobody can be told, when its job is gone', async () => {
    const updateProgress = async (): Promise<never> => Promise.reject(new Error('Missing key for job'));
    const { run } = runOf(() => Promise.reject(new Error('no luck')), {}, { updateProgress });
    await expect(run.carryOut()).rejects.toThrow('no luck');
  });

  it.each([[null], [{ mine: true }], [{ ...envelope, args: 'none' }]])(
    'must be one of a scheduler, and not %j',
    (data) => {
      const job = { id: '7', name: 'mail', data, updateProgress: async () => undefined };
      const make = () => new WorkerRun(job, { worker: 'w', task: () => () => undefined });
      expect(make).toThrow('Job "7" ("mail") is no run of a scheduler: override process() for jobs of your own');
    },
  );
});
