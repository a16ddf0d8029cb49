import { machine, publish } from '../support/results.mjs';
import { cell, measure } from './cells.mjs';
import { contenderNames, FLOOR, OURS, OURS_AT_ONCE, versions } from './contenders/index.mjs';
import { toMarkdown } from './report.mjs';

const FIRES = new URL('fires.worker.mjs', import.meta.url);
const IDLE = new URL('idle.worker.mjs', import.meta.url);
const OWN_DATA = new URL('own-data.worker.mjs', import.meta.url);
const BURST = new URL('burst.worker.mjs', import.meta.url);

const FULL = {
  rounds: 3,
  memoryMb: 4096,
  /** The time limit of a process in addition to its set-up: start, window, garbage collection. */
  restMs: 30_000,
  fires: {
    // The number of jobs and their warm-up: until V8 has compiled most of the code of a fire.
    // Half a second off, so that a drift of a few milliseconds moves no fire out of the window.
    sizes: [
      { jobs: 1000, warmUpMs: 10_500 },
      { jobs: 10_000, warmUpMs: 20_500 },
      { jobs: 100_000, warmUpMs: 2500 },
    ],
    phases: { windowMs: 4000, lateMs: 1000 },
    setUpLimitMs: 60_000,
  },
  idle: { jobs: 1_000_000, more: 1000, setUpLimitMs: 30_000 },
  burst: { jobs: 100_000, leadMs: 6000, quietMs: 1000, everyMs: 4, setUpLimitMs: 60_000 },
};
const SMOKE = {
  ...FULL,
  rounds: 1,
  fires: { ...FULL.fires, sizes: [{ jobs: 20, warmUpMs: 500 }], phases: { windowMs: 1000, lateMs: 500 } },
  idle: { ...FULL.idle, jobs: 200, more: 10 },
  burst: { ...FULL.burst, jobs: 3000, leadMs: 2000, quietMs: 100, everyMs: 1 },
};

/**
 * The cost of running and of keeping jobs: this package, other libraries, a timer per job and a bare heap.
 *
 * @param {{ save: boolean, smoke: boolean }} options
 */
export async function run({ save, smoke }) {
  const settings = smoke ? SMOKE : FULL;
  const { sizes, phases, setUpLimitMs } = settings.fires;
  // Only this package and the baseline need all rounds: the others differ by more than noise.
  const isOnce = (name) => ![OURS, OURS_AT_ONCE, FLOOR].includes(name);
  const fires = sizes.flatMap(({ jobs, warmUpMs }) =>
    contenderNames.map((name) => {
      const task = { name, jobs, phases: { warmUpMs, ...phases }, setUpLimitMs };
      return cell(name, FIRES, task, { isOnce: isOnce(name) });
    }),
  );
  // Shared start dates make no difference before jobs fire.
  const idlers = contenderNames.filter((name) => name !== OURS_AT_ONCE);
  const idle = idlers.map((name) => cell(name, IDLE, { name, ...settings.idle }, { isOnce: name !== OURS }));
  const ownData = cell('own data', OWN_DATA, settings.idle);
  const burst = cell('burst', BURST, settings.burst);
  await measure([...fires, ...idle, ownData, burst], settings);

  const result = {
    date: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    settings,
    fires: fires.map(plain),
    idle: idle.map(plain),
    ownData: plain(ownData),
    burst: plain(burst),
  };
  publish('engine', result, toMarkdown, { save, smoke });
}

function plain({ name, task: { jobs }, rounds, failure }) {
  return { name, jobs, rounds, failure };
}
