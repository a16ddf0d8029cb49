import { equal, isTrue } from '../checks.js';
import { NotAsked, type ExecutorSuite } from './executor-suite.js';
import type { TestExecution } from './test-execution.js';
import type { ExecutorWorld } from './executor-world.js';

const MOST = 100;
const release = (execution: TestExecution): void => execution.context.abort(new Error('enough'));

/** As many runs that hold as the executor carries out at once; @throws NotAsked where it has no limit that is reached. */
async function fill(world: ExecutorWorld): Promise<TestExecution[]> {
  const { concurrency } = world.executor;
  if (concurrency === undefined || concurrency > MOST) throw new NotAsked(`its concurrency is more than ${MOST}`);
  const held = Array.from({ length: concurrency }, () => world.submit('kit.hold'));
  await world.until(() => held.every(({ holds }) => holds), `${concurrency} runs that are under way at once`);
  return held;
}

/** When a run begins, and that it settles once. */
export function executorTurns({ describe, test }: ExecutorSuite): void {
  describe('begins a run', () => {
    test('once, and settles it once', async (world) => {
      await world.start();
      const execution = world.submit('kit.nothing');
      await world.until(() => execution.outcomes.length > 0, 'the outcome');
      await world.settle();
      const { begins, drops, outcomes } = execution;
      equal({ begins, drops, settled: outcomes.length }, { begins: 1, drops: 0, settled: 1 }, 'what became of it');
    });

    test('without making the caller wait, or throwing', async (world) => {
      await world.start();
      // Nothing is awaited: a promise would be one that nobody handles.
      equal(world.executor.submit(world.execution('kit.fail', { args: ['no'] })), undefined, 'what submit() answers');
    });

    test('unless begin() answers false, and goes on to the next', async (world) => {
      await world.start();
      const barred = world.submit('kit.nothing', { mayBegin: false });
      equal((await world.outcomeOf('kit.nothing')).state, 'succeeded', 'the next run');
      equal([barred.outcomes.length, barred.drops], [0, 0], 'how often the one that must not run was settled, dropped');
    });

    test('when its turn has come: no more at once than its concurrency, in order', async (world) => {
      await world.start();
      const held = await fill(world);
      const waiting = [world.submit('kit.hold'), world.submit('kit.hold')] as const;
      await world.settle();
      equal(
        waiting.map(({ begins }) => begins),
        [0, 0],
        'how often those have begun that are too many',
      );
      release(held[0] as TestExecution);
      await world.until(() => waiting[0].begins > 0, 'the next one begins when another ends');
      equal(waiting[1].begins, 0, 'how often the one after it has begun');
      for (const execution of [...held, ...waiting]) release(execution);
      await world.until(() => waiting[1].outcomes.length > 0 || waiting[1].begins === 0, 'the end of the last');
    });

    test('after many that were submitted at once, each with its own outcome', async (world) => {
      await world.start();
      const executions = Array.from({ length: 50 }, (_, n) => world.submit('kit.echo', { args: [n] }));
      await world.until(() => executions.every(({ outcomes }) => outcomes.length > 0), 'the outcomes of 50 runs');
      const args = executions.map(({ outcome }) => (outcome as { returnValue?: { args: unknown } }).returnValue?.args);
      equal(
        args,
        executions.map((_, n) => [n]),
        'what each of them has answered',
      );
    });

    test('that waits, past those that were ended while they waited', async (world) => {
      await world.start();
      const held = await fill(world);
      const [ended, next] = [world.submit('kit.nothing'), world.submit('kit.nothing')];
      // As the engine does when a run is cancelled that has not begun.
      ended.drop();
      for (const execution of held) release(execution);
      await world.until(() => next.outcomes.length > 0, 'the outcome of the next');
      const { begins, outcomes } = ended;
      equal([begins, outcomes.length], [0, 0], 'how often the ended one has begun, settled');
    });
  });

  describe('drops', () => {
    test('what has not begun, once, and nothing else', async (world) => {
      await world.start();
      const held = await fill(world);
      const waiting = [world.submit('kit.nothing'), world.submit('kit.nothing')];
      world.executor.dropQueued();
      world.executor.dropQueued();
      equal(
        waiting.map(({ drops }) => drops),
        [1, 1],
        'how often those that waited were dropped',
      );
      for (const execution of held) release(execution);
      await world.until(() => held.every(({ outcomes }) => outcomes.length > 0), 'the outcomes of those under way');
      await world.settle();
      equal(
        held.map(({ drops }) => drops),
        held.map(() => 0),
        'how often those under way were dropped',
      );
      equal(
        waiting.map(({ begins }) => begins),
        [0, 0],
        'how often the dropped ones have begun',
      );
    });

    test('nothing when nothing waits, and stops when it has not started', async (world) => {
      world.executor.dropQueued();
      await world.stop();
    });
  });

  describe('stops', () => {
    test('and carries out what comes after that', async (world) => {
      await world.start();
      equal((await world.outcomeOf('kit.nothing')).state, 'succeeded', 'a run before the stop');
      await world.turningUntil(world.stop(), 'stop()');
      equal((await world.outcomeOf('kit.nothing')).state, 'succeeded', 'a run after it');
      await world.executor.start?.();
      equal((await world.outcomeOf('kit.nothing')).state, 'succeeded', 'a run after another start');
    });

    test('and leaves no timer', async (world) => {
      await world.start();
      await world.outcomeOf('kit.nothing');
      await world.turningUntil(world.stop(), 'stop()');
      isTrue(world.clock.pendingTimers === 0, 'a timer is still set on the clock after stop()');
    });
  });
}
