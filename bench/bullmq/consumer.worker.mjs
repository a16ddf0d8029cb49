import { Worker } from 'bullmq';
import { serve } from '../support/own-process.mjs';

const SECOND = 1000;
let latenesses = [];
let isMeasuring = false;

serve({
  /** Carries out the jobs of a queue, and keeps how many milliseconds into its second each began. */
  async work({ concurrency, name, url }) {
    const { hostname: host, port } = new URL(url);
    const worker = new Worker(
      name,
      async () => {
        if (isMeasuring) latenesses.push((performance.timeOrigin + performance.now()) % SECOND);
      },
      { connection: { host, port: Number(port) }, concurrency },
    );
    await worker.waitUntilReady();
  },

  begin() {
    latenesses = [];
    isMeasuring = true;
  },

  end() {
    isMeasuring = false;
    return latenesses.sort((a, b) => a - b);
  },
});
