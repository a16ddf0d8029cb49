import type { Run } from '../../../engine/model/run-record.js';
import type { Scheduler } from '../../../engine/scheduler.js';
import { equal, matches } from '../checks.js';
import { NotAsked, type ExecutorSuite } from './executor-suite.js';
import type { ExecutorWorld } from './executor-world.js';

const runsOf = async (scheduler: Scheduler, jobId: string): Promise<readonly Run[]> =>
  (await scheduler.getRuns({ jobId })).runs;

/** Waits until the latest run of a job is as described. */
async function latest(
  world: ExecutorWorld,
  scheduler: Scheduler,
  jobId: string,
  is: (run: Run) => boolean,
): Promise<Run> {
  let run: Run | undefined;
  await world.until(async () => {
    [run] = await runsOf(scheduler, jobId);
    return run !== undefined && is(run);
  }, `the run of ${jobId}`);
  return run as Run;
}

const isOver = ({ settled }: Run): boolean => settled;
const isHeld = ({ log }: Run): boolean => log.length > 0;

/** Runs of jobs, as a scheduler records them. */
export function executorRuns({ describe, test }: ExecutorSuite): void {
  describe('carries out the runs of a scheduler', () => {
    test('whose records have outcome, result, log and progress', async (world) => {
      const scheduler = await world.scheduler();
      await scheduler.addJob({ id: 'tells', task: 'kit.tell' });
      await scheduler.addJob({ id: 'fails', task: 'kit.fail', args: ['no luck'] });
      await world.clock.advance(1);
      matches(
        await latest(world, scheduler, 'tells', isOver),
        { state: 'succeeded', result: 'told', progress: 0.5, log: [{ message: 'first' }, { message: 'second' }] },
        'the run that tells',
      );
      matches(
        await latest(world, scheduler, 'fails', isOver),
        { state: 'failed', error: { name: 'KitError', message: 'no luck', cause: { message: 'its cause' } } },
        'the run that fails',
      );
    });

    test('with arguments of their own', async (world) => {
      const scheduler = await world.scheduler();
      const given = [['kept'], { options: { depth: 1 } }];
      const [list, kwargs] = given as [unknown[], Record<string, unknown>];
      await scheduler.addJob({ id: 'spoils', task: 'kit.spoil', args: [list], kwargs, trigger: 'interval', hours: 9 });
      for (const run of ['first', 'second'])
        equal(await scheduler.runJob('spoils'), given, `what the ${run} run is given`);
      const job = await scheduler.getJob('spoils');
      equal([job?.args[0], job?.kwargs], given, 'the arguments of the job');
    });

    test('that time out', async (world) => {
      const scheduler = await world.scheduler();
      await scheduler.addJob({ id: 'long', task: 'kit.hold', timeout: 60 });
      await world.clock.advance(1);
      await latest(world, scheduler, 'long', isHeld);
      await world.clock.advance('1m');
      matches(
        await latest(world, scheduler, 'long', isOver),
        { state: 'timed_out', reason: 'timeout', error: { name: 'RunTimedOutError' } },
        'the run',
      );
    });

    test('that are cancelled', async (world) => {
      const scheduler = await world.scheduler();
      await scheduler.addJob({ id: 'long', task: 'kit.ignore' });
      await world.clock.advance(1);
      await latest(world, scheduler, 'long', isHeld);
      const [{ id } = { id: '' }] = await runsOf(scheduler, 'long');
      const run = await world.turningUntil(scheduler.cancelRun(id), 'the answer of cancelRun()');
      matches(run, { state: 'cancelled', reason: 'cancelled' }, 'the run');
    });

    test('until it stops, and ends those that are under way', async (world) => {
      if (world.executor.handsOver === true) throw new NotAsked('its runs outlive the scheduler (handsOver)');
      const scheduler = await world.scheduler();
      await scheduler.addJob({ id: 'long', task: 'kit.hold' });
      await world.clock.advance(1);
      await latest(world, scheduler, 'long', isHeld);
      await world.shutdown(scheduler);
      // The task has reacted to its signal, and finished its work.
      matches(await runsOf(scheduler, 'long'), [{ state: 'succeeded', settled: true }], 'the run');
    });
  });
}
