import { currentRun } from '../../../engine/runs/current-run.js';
import type { RunContext, TaskFunction } from '../../../engine/model/task.js';

/** What {@link EXECUTOR_TASKS} `kit.echo` answers. */
export interface Echo {
  readonly args: readonly unknown[];
  readonly jobId: string;
  readonly runId: string;
  readonly scheduledTime: number;
  readonly attempt: number;
  /** The run that `currentRun()` answers. */
  readonly current: string | undefined;
}

/** What `kit.fail` throws. */
export class KitError extends Error {
  override readonly name = 'KitError';
  readonly code = 'E_KIT';
}

/** How often `kit.count` was called, by the ids of runs. */
const calls = new Map<string, number>();

const echo = async (...given: readonly unknown[]): Promise<Echo> => {
  const { jobId, runId, scheduledTime, attempt } = given.at(-1) as RunContext;
  await Promise.resolve();
  return { args: given.slice(0, -1), jobId, runId, scheduledTime, attempt, current: currentRun()?.runId };
};

/**
 * The tasks that the tests of executors run. An executor whose tasks run elsewhere must find them there by these names.
 *
 * @example
 * for (const [name, task] of Object.entries(EXECUTOR_TASKS)) scheduler.registerTask(name, task);
 */
export const EXECUTOR_TASKS: Readonly<Record<string, TaskFunction>> = {
  'kit.echo': echo,
  'kit.nothing': () => undefined,
  'kit.fail': (message: string) => {
    throw new KitError(message, { cause: new Error('its cause') });
  },
  'kit.reject': (message: string) => Promise.reject(new KitError(message)),
  'kit.throw-text': () => Promise.reject('only text'),
  /** Changes its arguments, after it has answered what they were. */
  'kit.spoil': (list: unknown[], kwargs: { options: { depth: number } }) => {
    const seen = JSON.parse(JSON.stringify([list, kwargs])) as unknown;
    list.push('changed by a run');
    kwargs.options.depth++;
    return seen;
  },
  /** Goes on until its signal is aborted, and answers with what reason. */
  'kit.hold': async (run: RunContext) => {
    const { signal } = run;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    run.log('holds');
    if (!signal.aborted) await aborted;
    const { name, message } = signal.reason as Error;
    return { name, message };
  },
  /** Goes on until its signal is aborted, and answers how often it was called for this run. */
  'kit.count': async (run: RunContext) => {
    const { runId, signal } = run;
    calls.set(runId, (calls.get(runId) ?? 0) + 1);
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    run.log('holds');
    if (!signal.aborted) await aborted;
    return calls.get(runId);
  },
  /** Takes no notice of its signal. */
  'kit.ignore': async (run: RunContext) => {
    run.log('holds');
    await new Promise(() => undefined);
  },
  'kit.tell': (run: RunContext) => {
    run.log('first');
    run.progress(0.25);
    run.log('second');
    run.progress(0.5);
    run.logger.info('to the log');
    return 'told';
  },
  'kit.tell-nonsense': (run: RunContext) => run.progress(2),
};
