/* One contender with so many jobs that fire every second. */
import { usedMemory } from '../support/memory.mjs';
import { answer, receive } from '../support/worker.mjs';
import { addAll } from './adding.mjs';
import { open } from './contenders/index.mjs';
import { FireLog } from './fire-log.mjs';

const { name, jobs, phases, setUpLimitMs } = await receive();
// Warnings about missed fires would add to the cost.
console.warn = () => undefined;

const log = new FireLog(jobs);
const { add } = await open(name, log);
const before = usedMemory();
const { added, addMs } = await addAll(add, jobs, setUpLimitMs);
if (added < jobs) answer({ added, addMs });
else {
  log.watch(phases, (figures) => {
    answer({ added, addMs, ...figures, heapPerJob: (usedMemory().heap - before.heap) / jobs });
  });
}
