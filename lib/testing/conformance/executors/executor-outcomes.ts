import { equal, isTrue } from '../checks.js';
import type { ExecutorSuite } from './executor-suite.js';
import type { Echo } from './executor-tasks.js';

/** What tasks are given, and what becomes of what they answer. */
export function executorOutcomes({ describe, test }: ExecutorSuite): void {
  describe('calls a task', () => {
    test('with the args of the run, its kwargs and its context', async (world) => {
      await world.start();
      const given = { args: [1, 'two', [3], null], kwargs: { depth: { of: 'kwargs' } } };
      const execution = world.submit('kit.echo', given);
      await world.until(() => execution.outcomes.length > 0, 'the outcome');
      const { jobId, runId, scheduledTime, attempt } = execution.context;
      const returnValue: Echo = {
        ...{ args: [...given.args, given.kwargs], jobId, runId, scheduledTime, attempt },
        current: runId,
      };
      equal(execution.outcomes, [{ state: 'succeeded', returnValue }], 'what the task has seen');
    });

    test('without kwargs where the run has none', async (world) => {
      await world.start();
      const { returnValue } = (await world.outcomeOf('kit.echo', { args: [1] })) as { returnValue?: Echo };
      equal(returnValue?.args, [1], 'what the task is called with, but its context');
    });

    test('that returns nothing', async (world) => {
      await world.start();
      equal(await world.outcomeOf('kit.nothing'), { state: 'succeeded' }, 'the outcome');
    });

    test('and passes on what it logs, and how far it is', async (world) => {
      await world.start();
      const execution = world.submit('kit.tell');
      await world.until(() => execution.outcomes.length > 0, 'the outcome');
      equal(execution.outcomes, [{ state: 'succeeded', returnValue: 'told' }], 'the outcome');
      equal(
        execution.run.log.map(({ message }) => message),
        ['first', 'second'],
        'the lines of the run, all there when it settles',
      );
      equal(execution.run.progress, 0.5, 'its progress');
      isTrue(
        world.lines.some((line) => line.includes('to the log')),
        `the application's log has what the task writes to its logger: ${world.lines.join('; ')}`,
      );
    });

    test('and tells a task that its progress is none', async (world) => {
      await world.start();
      const { state, error } = (await world.outcomeOf('kit.tell-nonsense')) as { state: string; error?: Error };
      equal([state, error?.name], ['failed', 'InvalidInputError'], 'the state, and the name of the error');
    });
  });

  describe('settles a run as failed', () => {
    for (const task of ['kit.fail', 'kit.reject']) {
      test(`with the error of ${task}: an Error, its name, message, code and stack`, async (world) => {
        await world.start();
        const { state, error } = (await world.outcomeOf(task, { args: ['no luck'] })) as {
          state: string;
          error?: unknown;
        };
        equal(state, 'failed', 'the state');
        isTrue(error instanceof Error, 'what a task throws is an Error on this side too');
        const { name, message, code, stack } = error as Error & { code?: unknown };
        equal({ name, message, code }, { name: 'KitError', message: 'no luck', code: 'E_KIT' }, 'the error');
        isTrue(stack?.includes('executor-tasks') === true || stack?.includes('KitError') === true, 'it has its stack');
      });
    }

    test('with the cause of an error', async (world) => {
      await world.start();
      const { error } = (await world.outcomeOf('kit.fail', { args: ['no luck'] })) as { error?: Error };
      const cause = error?.cause;
      isTrue(cause instanceof Error && cause.message === 'its cause', 'the error has its cause');
    });

    test('whose task throws no Error', async (world) => {
      await world.start();
      equal(await world.outcomeOf('kit.throw-text'), { state: 'failed', error: 'only text' }, 'the outcome');
    });

    test('whose task is not known where it would run, and names it', async (world) => {
      await world.start();
      const { state, error } = (await world.outcomeOf('kit.unknown')) as { state: string; error?: Error };
      equal(state, 'failed', 'the state');
      isTrue(error?.message.includes('"kit.unknown"') === true, `the error names the task: ${error?.message}`);
      equal((await world.outcomeOf('kit.nothing')).state, 'succeeded', 'the next run');
    });
  });
}
