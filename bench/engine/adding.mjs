import { progress } from '../support/worker.mjs';

/**
 * Adds jobs one by one, within a time limit.
 *
 * @param {(index: number) => unknown} add
 * @param {number} jobs
 * @param {number} limitMs
 * @returns {Promise<{ added: number, addMs: number }>} how many were added, and how long it took
 */
export async function addAll(add, jobs, limitMs) {
  const start = performance.now();
  let added = 0;
  for (; added < jobs; added++) {
    if (added % 100 === 0) {
      if (performance.now() - start > limitMs) break;
      if (added % 1000 === 0) progress({ added });
    }
    const answer = add(added);
    if (answer instanceof Promise) await answer;
  }
  return { added, addMs: performance.now() - start };
}

/**
 * Adds further jobs, each timed.
 *
 * @param {(index: number) => unknown} add
 * @param {number} first - the first one's index
 * @param {number} count
 * @returns {Promise<{ p50: number, p99: number }>} in microseconds
 */
export async function timeSingleAdds(add, first, count) {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const answer = add(first + i);
    if (answer instanceof Promise) await answer;
    times[i] = (performance.now() - start) * 1000;
  }
  times.sort();
  return { p50: times[Math.ceil(count * 0.5) - 1], p99: times[Math.ceil(count * 0.99) - 1] };
}
