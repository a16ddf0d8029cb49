import { serialize } from 'node:v8';
import { threadId } from 'node:worker_threads';
import { callWithin } from '../../engine/runs/current-run.js';
import { messageOf } from '../../engine/util/inspect.js';
import { carry, revive } from '../remote/carried-error.js';
import { RemoteRunContext } from '../remote/remote-run-context.js';
import { ANSWER, type AbortMessage, type ReportMessage, type ThreadAnswer, type ThreadTask } from './messages.js';
import { ThreadRunReports } from './thread-run-reports.js';
import { ThreadHost, type ThreadModule, type ThreadWorkerOptions } from './thread-host.js';

/** The most that a task may return, in bytes: the main thread stands still while it reads it. */
const MOST_BYTES = 10_000_000;

/** What the threads of an executor call. */
export type ThreadWorker = (task: ThreadTask) => Promise<ThreadAnswer>;

/**
 * Makes the default export of the file that the threads of an executor load. Each thread starts one application context of the
 * module, without a scheduler, and calls its tasks. In the main thread it does nothing.
 *
 * @param module - has the providers with the tasks; as for `NestFactory.createApplicationContext()`.
 * @param options - those of `NestFactory.createApplicationContext()`, and `setup`.
 *
 * @example
 * // reports.worker.ts
 * export default threadWorker(ReportsModule);
 */
export function threadWorker(module: ThreadModule, options: ThreadWorkerOptions = {}): ThreadWorker {
  let host: Promise<ThreadHost> | undefined;
  return async ({ envelope, port }) => {
    const reports = new ThreadRunReports(port);
    const context = new RemoteRunContext(envelope, reports);
    const report = (message: ReportMessage): void => port.postMessage(message);
    port.on('message', ({ abort }: AbortMessage) => context.abort(revive(abort)));
    report({ taken: threadId });
    let opened: ThreadHost;
    try {
      opened = await (host ??= ThreadHost.open(module, options));
    } catch (error) {
      report({ unusable: carry(error) });
      // The main thread ends this one.
      return new Promise(() => undefined);
    }
    try {
      context.signal.throwIfAborted();
      const { args, kwargs, task } = envelope;
      const all = Object.keys(kwargs).length > 0 ? [...args, kwargs] : args;
      const value: unknown = await callWithin({ context }, opened.task(task), all);
      return { kind: ANSWER, value: encode(task, value) };
    } catch (error) {
      return { kind: ANSWER, error: carry(error) };
    } finally {
      reports.flush();
      port.close();
    }
  };
}

/** @throws TypeError when it cannot leave the thread; RangeError when it is too long. */
function encode(task: string, value: unknown): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = serialize(value);
  } catch (error) {
    const problem = `${messageOf(error)} Let it return plain data`;
    throw new TypeError(`Task "${task}" has returned what cannot leave its thread: ${problem}`, { cause: error });
  }
  if (bytes.length <= MOST_BYTES) return bytes;
  const problem = `${bytes.length} bytes, and ${MOST_BYTES} may leave a thread. Let it store them, and return where`;
  throw new RangeError(`Task "${task}" has returned ${problem}`);
}
