import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs a module in its own process, which may fail by exceeding its memory or time. It is ended as soon as it has answered. If it
 * fails for any other reason, its output is shown.
 *
 * @param {URL} module - calls `answer`, and `progress` on the way
 * @param {object} task - what `receive` returns there
 * @param {{ timeZone: string, memoryMb: number, limitMs: number }} options
 * @returns {Promise<{ result?: any, failure?: string, progress?: any }>} its answer, or the failure and the last progress
 */
export async function attempt(module, task, { timeZone, memoryMb, limitMs }) {
  const child = fork(fileURLToPath(module), {
    env: { ...process.env, TZ: timeZone },
    execArgv: ['--expose-gc', `--max-old-space-size=${memoryMb}`],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let result;
  let progress;
  let errors = '';
  let isLate = false;
  child.on('message', (message) => {
    if (message.progress === undefined) {
      result = message;
      child.kill('SIGKILL');
    } else progress = message.progress;
  });
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-10_000);
  });
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limitMs);
  child.send(task);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  if (result !== undefined) return { result };
  if (isLate) return { failure: `not done within ${limitMs / 1000} s`, progress };
  if (errors.includes('heap out of memory')) return { failure: 'out of memory', progress };
  process.stderr.write(errors);
  return { failure: `ended with ${signal ?? `exit code ${code}`}`, progress };
}
