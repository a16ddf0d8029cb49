/* The memory of the jobs' own data, without a scheduler: plain objects. */
import { IntervalTrigger } from '../dist/engine/index.js';
import { settledMemory } from '../support/memory.mjs';
import { answer, receive } from '../support/worker.mjs';

const { jobs } = await receive();
const kept = Array.from({ length: jobs }, () => null);
const start = Date.now();
const before = await settledMemory();
for (let i = 0; i < jobs; i++) {
  const trigger = new IntervalTrigger({ days: 1, startDate: new Date(start + i), timezone: 'UTC' });
  kept[i] = { id: `job-${i}`, args: [i], kwargs: {}, trigger };
}
const after = await settledMemory();
answer({ heapPerJob: (after.heap - before.heap) / kept.length, rssPerJob: (after.rss - before.rss) / kept.length });
