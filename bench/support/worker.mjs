import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs a module in a fresh process: a cold start, an empty heap, and its own time zone.
 *
 * @param {URL} module - calls `answer`
 * @param {object} task - what `receive` returns there
 * @param {{ timeZone: string }} options - the time zone of the process
 * @returns {Promise<any>} its result
 */
export async function inOwnProcess(module, task, { timeZone }) {
  const child = fork(fileURLToPath(module), {
    env: { ...process.env, TZ: timeZone },
    execArgv: ['--expose-gc', '--max-old-space-size=3072'],
  });
  let result;
  child.once('message', (message) => {
    result = message;
  });
  child.send(task);
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${module.pathname} ended with ${code ?? signal}`);
  return result;
}

/** The task of this process. */
export async function receive() {
  const [task] = await once(process, 'message');
  // Ends with the parent process, since a measurement would otherwise continue without it.
  process.once('disconnect', () => process.exit(1));
  return task;
}

/** @param {object} state - the progress so far, reported if this process fails later */
export function progress(state) {
  process.send?.({ progress: state });
}

/** @param {object} result - the result; the process ends */
export function answer(result) {
  process.send?.(result, () => process.exit(0));
}
