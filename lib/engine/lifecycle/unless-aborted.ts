/**
 * Waits for work that cannot be stopped, until a signal says that nobody needs it any more.
 *
 * @throws what the work throws; the signal's reason, while the work goes on unheeded.
 */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
