import { equal, isTrue } from '../checks.js';
import { NotAsked, type ExecutorSuite } from './executor-suite.js';

/** What becomes of runs that are to end. */
export function executorAborts({ describe, test }: ExecutorSuite): void {
  describe('passes an abort on', () => {
    test('with its reason, and settles with what the task makes of it', async (world) => {
      await world.start();
      const execution = world.submit('kit.hold');
      await world.until(() => execution.holds, 'the task runs');
      execution.context.abort(new RangeError('out of time'));
      await world.until(() => execution.outcomes.length > 0, 'the outcome');
      await world.settle();
      const returnValue = { name: 'RangeError', message: 'out of time' };
      equal(execution.outcomes, [{ state: 'succeeded', returnValue }], 'the outcome, once');
    });

    test('that comes as soon as the run has begun', async (world) => {
      await world.start();
      const execution = world.submit('kit.hold');
      await world.until(() => execution.begins > 0, 'the run begins');
      execution.context.abort(new Error('at once'));
      await world.until(() => execution.outcomes.length > 0, 'the outcome');
      await world.settle();
      equal(execution.outcomes.length, 1, 'how often it was settled');
    });

    test('and forgets one that comes after the end', async (world) => {
      await world.start();
      const execution = world.submit('kit.nothing');
      await world.until(() => execution.outcomes.length > 0, 'the outcome');
      execution.context.abort(new Error('too late'));
      await world.settle();
      isTrue(world.clock.pendingTimers === 0, 'a timer is set for a run that is over');
      equal((await world.outcomeOf('kit.nothing')).state, 'succeeded', 'the next run');
      equal(execution.outcomes.length, 1, 'how often the first was settled');
    });
  });

  describe('ends a run whose task ignores its signal', () => {
    test('within endsWithinMs, and goes on with others', async (world) => {
      const { endsWithinMs } = world.executor;
      if (endsWithinMs === undefined) throw new NotAsked('the executor does not say that it ends runs (endsWithinMs)');
      await world.start();
      const execution = world.submit('kit.ignore');
      await world.until(() => execution.holds, 'the task runs');
      execution.context.abort(new Error('end!'));
      await world.settle();
      equal(execution.outcomes.length, 0, 'how often it is settled while it may still react');
      await world.clock.advance(endsWithinMs);
      await world.until(() => execution.outcomes.length > 0, 'the outcome after endsWithinMs');
      equal(execution.outcome?.state, 'failed', 'its state');
      const others = Array.from({ length: 3 }, () => world.submit('kit.nothing'));
      await world.until(() => others.every(({ outcomes }) => outcomes.length > 0), 'the outcomes of other runs');
      equal(
        others.map(({ outcome }) => outcome?.state),
        others.map(() => 'succeeded'),
        'the states of other runs',
      );
      equal(execution.outcomes.length, 1, 'how often the first was settled');
      isTrue(world.clock.pendingTimers === 0, 'a timer is left');
    });
  });
}
