import { equal, isTrue } from '../checks.js';
import { NotAsked, type ExecutorSuite } from './executor-suite.js';
import type { TestExecution } from './test-execution.js';
import type { ExecutorWorld } from './executor-world.js';

/** A run that is handed over and under way. @throws NotAsked for an executor that does not hand runs over. */
async function handedOver(world: ExecutorWorld): Promise<TestExecution> {
  if (world.executor.handsOver !== true)
    throw new NotAsked('the executor does not say that it hands runs over (handsOver)');
  await world.start();
  const execution = world.submit('kit.count');
  await world.until(() => execution.holds, 'the task runs');
  return execution;
}

/** Runs that outlive the node that handed them over. */
export function executorHandover({ describe, test }: ExecutorSuite): void {
  describe('hands runs over', () => {
    test('and says when a task was called, and where, before it settles', async (world) => {
      const execution = await handedOver(world);
      await world.until(() => execution.starts.length > 0, 'started()');
      equal(execution.outcomes.length, 0, 'how often it is settled by then');
      const [{ at, worker } = { at: NaN, worker: null }] = execution.starts;
      isTrue(at >= execution.context.scheduledTime && at <= world.clock.now(), `the start, ${at}, lies in the past`);
      isTrue(worker === null || worker.length > 0, 'the worker has a name, or null');
      execution.context.abort(new Error('enough'));
      await world.until(() => execution.outcomes.length > 0, 'the outcome');
    });

    test('and forgets one that is released: it neither settles nor cancels it', async (world) => {
      const execution = await handedOver(world);
      world.executor.release?.(execution);
      execution.context.abort(new Error('not for you any more'));
      await world.settle();
      await world.clock.advance((world.executor.endsWithinMs ?? 0) + 60_000);
      await world.settle();
      equal(execution.outcomes.length, 0, 'how often the released run was settled');
    });

    test('once, though they are submitted again: an adopted run is watched, and not carried out twice', async (world) => {
      const execution = await handedOver(world);
      world.executor.release?.(execution);
      const adopted = world.submit('kit.count', { run: execution.run, isAdopted: true });
      await world.settle();
      adopted.context.abort(new Error('for the second node'));
      await world.until(() => adopted.outcomes.length > 0, 'the outcome of the adopted run');
      equal(adopted.outcomes, [{ state: 'succeeded', returnValue: 1 }], 'the outcome: how often the task was called');
      equal(execution.outcomes.length, 0, 'how often the first node has settled it');
    });
  });
}
