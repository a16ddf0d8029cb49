import { PERIOD_MS } from './contender.mjs';

const DAY_MS = 86_400_000;

/**
 * The baseline: a binary heap and one timer, in as few lines as possible. No removal, no events, no yielding.
 *
 * @param {import('./contender.mjs').FireLog} log
 * @returns {import('./contender.mjs').Contender}
 */
export function bareHeap(log) {
  const heap = [];
  let timer;
  let armedFor = Infinity;

  const arm = (time) => {
    clearTimeout(timer);
    armedFor = time;
    timer = setTimeout(fireDue, time - Date.now());
  };

  const fireDue = () => {
    const now = Date.now();
    for (let first = heap[0]; first.time <= now; first = heap[0]) {
      log.fired(first.index, first.time);
      first.time += first.period;
      sink(heap, first);
    }
    arm(heap[0].time);
  };

  const add = (index, period) => {
    const job = { index, period, time: Date.now() + period };
    rise(heap, job);
    if (job.time < armedFor) arm(job.time);
  };
  return { add: (index) => add(index, PERIOD_MS), addIdle: (index) => add(index, DAY_MS) };
}

function rise(heap, job) {
  let position = heap.length;
  while (position > 0) {
    const parent = (position - 1) >> 1;
    if (heap[parent].time <= job.time) break;
    heap[position] = heap[parent];
    position = parent;
  }
  heap[position] = job;
}

/** From the top down. */
function sink(heap, job) {
  let position = 0;
  for (;;) {
    let child = 2 * position + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1].time < heap[child].time) child++;
    if (heap[child].time >= job.time) break;
    heap[position] = heap[child];
    position = child;
  }
  heap[position] = job;
}
