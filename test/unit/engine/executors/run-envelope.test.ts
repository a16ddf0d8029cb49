import { envelopeOf, LocalExecutor, Scheduler, type Execution, type RunEnvelope } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, SECOND, START } from '../../../support/engine.js';

/** An executor that makes the envelope of each run instead of running it. */
class Sender extends LocalExecutor {
  readonly sent: (RunEnvelope | Error)[] = [];
  readonly before: (number | null)[] = [];

  override submit(execution: Execution): void {
    this.before.push(execution.deadline);
    if (!execution.begin()) return;
    try {
      this.sent.push(envelopeOf(execution, { traceparent: '00-1-2-01' }));
      execution.settle({ state: 'succeeded', returnValue: undefined });
    } catch (error) {
      this.sent.push(error as Error);
      execution.settle({ state: 'failed', error });
    }
  }
}

async function send(scheduler: Scheduler, job: object): Promise<void> {
  await scheduler.start();
  await scheduler.addJob({ id: 'job', task: 'work', trigger: 'interval', hours: 1, ...job });
  await scheduler.runJob('job').catch(() => undefined);
}

describe('The envelope of a run', () => {
  it('is plain JSON that says all that its task is called with', async () => {
    const executor = new Sender();
    const { scheduler } = engineWorld({ executors: { default: executor } });
    scheduler.registerTask('work', () => undefined);
    await send(scheduler, { args: [1, ['two']], kwargs: { three: 3 }, timeout: 30 });
    const [envelope] = executor.sent as RunEnvelope[];
    const [run] = (await scheduler.getRuns()).runs;
    expect(envelope).toEqual({
      runId: run?.id,
      jobId: 'job',
      task: 'work',
      args: [1, ['two']],
      kwargs: { three: 3 },
      scheduledTime: START,
      attempt: 1,
      timeout: 30_000,
      deadline: START + 30 * SECOND,
      trace: { traceparent: '00-1-2-01' },
    });
    expect(JSON.parse(JSON.stringify(envelope))).toEqual(envelope);
    expect(executor.before).toEqual([null]);
    await scheduler.shutdown();
  });

  it('has no deadline where the run has no time-out', async () => {
    const executor = new Sender();
    const { scheduler } = engineWorld({ executors: { default: executor } });
    scheduler.registerTask('work', () => undefined);
    await send(scheduler, {});
    expect(executor.sent).toMatchObject([{ deadline: null, args: [], kwargs: {} }]);
    await scheduler.shutdown();
  });

  it('is refused, naming each argument that would not arrive as it is', async () => {
    const executor = new Sender();
    const { scheduler } = engineWorld({ executors: { default: executor } });
    scheduler.registerTask('work', () => undefined);
    await send(scheduler, { args: [1, new Date(0)], kwargs: { call: () => 1 } });
    expect((executor.sent[0] as Error).message).toBe(
      'The run of job "job" cannot leave this thread: args.1 must be plain JSON, got 1970-01-01T00:00:00.000Z; kwargs.call must be plain JSON, got [Function: call]',
    );
    await scheduler.shutdown();
  });
});
