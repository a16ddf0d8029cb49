import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const KEPT_ERRORS = 2000;
/** A failing process may repeat its errors: only this much of them is shown. */
const SHOWN_ERRORS = 4000;

/**
 * A process that executes commands one after the other, and may send news by itself. It ends with this process, however this
 * one ends.
 */
export class OwnProcess {
  /**
   * @param {URL} module - calls `serve`
   * @param {{ timeZone: string, memoryMb: number }} options
   */
  constructor(module, { timeZone, memoryMb }) {
    this.waiting = new Map();
    this.news = new Map();
    this.asked = 0;
    this.errors = '';
    this.child = fork(fileURLToPath(module), {
      env: { ...process.env, TZ: timeZone },
      execArgv: [`--max-old-space-size=${memoryMb}`],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // Results contain typed arrays.
      serialization: 'advanced',
    });
    let shown = 0;
    this.child.stderr.on('data', (chunk) => {
      if (shown < SHOWN_ERRORS) process.stderr.write(chunk);
      shown += chunk.length;
      this.errors = (this.errors + chunk).slice(-KEPT_ERRORS);
    });
    this.child.on('message', (message) => this.heard(message));
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      const lastWords = this.errors.trim().split('\n').at(-1);
      this.failure = new Error(`a process ended with ${signal ?? `exit code ${code}`}${lastWords && `: ${lastWords}`}`);
      for (const { reject } of [...this.waiting.values(), ...this.news.values()]) reject(this.failure);
    });
  }

  /**
   * @param {string} command - one of those that its module serves
   * @param {unknown} [argument]
   * @returns {Promise<any>} the command's result
   */
  ask(command, argument) {
    return this.expect(this.waiting, ++this.asked, () => this.child.send({ id: this.asked, command, argument }));
  }

  /**
   * @param {string} news - its name; news that arrived before this call is lost
   * @returns {Promise<any>}
   */
  tells(news) {
    return this.expect(this.news, news, () => undefined);
  }

  /** Kills it with SIGKILL; resolves when it has ended. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  expect(where, key, begin) {
    if (this.failure) return Promise.reject(this.failure);
    const answer = new Promise((resolve, reject) => where.set(key, { resolve, reject }));
    // It may fail while nothing awaits it.
    answer.catch(() => undefined);
    begin();
    return answer;
  }

  heard({ id, news, result, error }) {
    const [where, key] = id === undefined ? [this.news, news] : [this.waiting, id];
    const expected = where.get(key);
    where.delete(key);
    if (error === undefined) expected?.resolve(result);
    else expected?.reject(new Error(error));
  }
}

/**
 * Executes the commands of the parent process, and ends with it.
 *
 * @param {Record<string, (argument: any) => unknown>} commands
 */
export function serve(commands) {
  process.once('disconnect', () => process.exit(1));
  process.on('message', ({ id, command, argument }) => {
    // Errors are answers too, including that of an answer that cannot be sent.
    void Promise.resolve(argument)
      .then(commands[command])
      .then((result) => process.send?.({ id, result }))
      .catch((error) => process.send?.({ id, error: error instanceof Error ? error.message : String(error) }));
  });
}

/**
 * @param {string} news - its name
 * @param {unknown} [result]
 */
export function tell(news, result) {
  process.send?.({ news, result });
}
