/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The shortest time that the system can measure; a shorter one gives no rate. */
const FINEST_MS = 0.001;

/**
 * Operations per second of processor time: other processes do not count, this process's garbage collection does. Starts with
 * one operation and doubles, so that slow ones exceed the budget by one operation at most, and fast ones do not measure the clock.
 *
 * @param {(count: number) => void} work - performs so many operations
 * @param {number} budgetMs
 * @param {number} [limit] - the largest number of operations
 */
export function ratePerSecond(work, budgetMs, limit = Infinity) {
  const start = processorMs();
  let done = 0;
  let chunk = 1;
  for (;;) {
    work(chunk);
    done += chunk;
    const used = Math.max(processorMs() - start, FINEST_MS);
    if (used >= budgetMs || done >= limit) return (done / used) * 1000;
    if (used < budgetMs / 4) chunk *= 2;
    chunk = Math.min(chunk, limit - done);
  }
}

function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
