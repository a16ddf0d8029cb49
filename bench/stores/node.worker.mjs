/* A process of a contender. Executes commands. */
import { setTimeout as delay } from 'node:timers/promises';
import { serve, tell } from '../support/own-process.mjs';
import { seededRandom } from '../support/random.mjs';
import { contenders } from './contenders/index.mjs';
import { SlotLog } from './slot-log.mjs';

const now = () => performance.timeOrigin + performance.now();

let contender;
let log;
let count = 0;
let expected = Infinity;
let firstAt;
const latenesses = [];

/** What a task does, by measurement. */
const tasks = {
  slots: (index, nominal) => void log.ran(index, nominal),
  count: () => {
    firstAt ??= now();
    if (++count === expected) tell('all', now());
  },
  lateness: (sentAt) => {
    latenesses.push(now() - sentAt);
    if (latenesses.length === expected) tell('all', latenesses);
  },
  hold: () => {
    tell('held');
    return new Promise(() => undefined);
  },
  once: () => tell('ran', now()),
};

serve({
  async open({ name, url, node, task, slots, expect = Infinity }) {
    if (slots) log = new SlotLog(slots.jobs, slots.base);
    expected = expect;
    const leftOut = (index, first, last) => log?.leftOut(index, first, last);
    contender = await contenders[name].open({ url, node, run: tasks[task], leftOut });
  },
  work: async () => void (await contender.work()),
  addEverySecond: ({ jobs, startOf }) => timed(() => contender.addEverySecond(jobs, starts[startOf](log.base))),
  addAll: ({ jobs, at }) => timed(() => contender.addAll(jobs, at)),
  watch: (times) => log.watch(times),
  slots: (window) => log.slots(window),
  addNow: async (value) => void (await contender.addNow(value)),
  firstAt: () => firstAt,
  async isDone() {
    while (!(await contender.isDone())) await delay(2);
    return now();
  },
  async addSingly({ jobs, everyMs }) {
    const random = seededRandom(1);
    for (let i = 0; i < jobs; i++) {
      await delay(everyMs * (0.5 + random()));
      await contender.addNow(now());
    }
  },
});

/** The first due time of jobs, by how they share instants. */
const starts = {
  spread: (base) => (index) => base + (index % 1000),
  together: (base) => () => base,
};

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
