import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs a module in a process of its own, where nothing else has warmed up, filled the heap or set the time zone.
 *
 * @param {URL} module - calls `answer`
 * @param {object} task - what `receive` answers there
 * @param {{ timeZone: string }} options - the zone that the process lives in
 * @returns {Promise<any>} what it answered
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
  // What is measured here would go on for ever when nobody waits for it any more.
  process.once('disconnect', () => process.exit(1));
  return task;
}

/** @param {object} state - how far this process is, for whom it matters if it gets no further */
export function progress(state) {
  process.send?.({ progress: state });
}

/** @param {object} result - what this process has found; it ends */
export function answer(result) {
  process.send?.(result, () => process.exit(0));
}
