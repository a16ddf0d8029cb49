/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What a little work takes at least: less than the system counts is no time at all, and no rate. */
const FINEST_MS = 0.001;

/**
 * How often something can be done in a second of processor time: what else the computer does meanwhile does not count,
 * collecting one's own garbage does. Begins with one piece of work and doubles, so that the slow take no longer than the
 * budget and one piece more, and the fast do not measure the clock.
 *
 * @param {(count: number) => void} work - does it so many times
 * @param {number} budgetMs
 * @param {number} [limit] - do it so many times at most
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
