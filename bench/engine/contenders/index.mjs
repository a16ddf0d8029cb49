import { isInstalled, OURS, versionsOf } from '../../support/packages.mjs';

export { OURS };
/** This package, with all jobs firing at the same instants. */
export const OURS_AT_ONCE = `${OURS}, one instant`;
export const FLOOR = 'bare heap, one timer';

const SECOND = 1000;

/** How each contender is opened; the part before a comma is its package. */
const contenders = {
  [OURS]: async (log) => (await import('./nestjs-apscheduler.mjs')).ours(log),
  [OURS_AT_ONCE]: async (log) =>
    (await import('./nestjs-apscheduler.mjs')).ours(log, { startDate: new Date(nextWholeSecond()) }),
  'cron-schedule': async (log) => (await import('./cron-schedule.mjs')).cronSchedule(log),
  'cron-schedule, one interval': async (log) => (await import('./cron-schedule.mjs')).cronScheduleInterval(log),
  'toad-scheduler': async (log) => (await import('./toad-scheduler.mjs')).toadScheduler(log),
  'node-schedule': async (log) => (await import('./node-schedule.mjs')).nodeSchedule(log),
  croner: async (log) => (await import('./croner.mjs')).croner(log),
  cron: async (log) => (await import('./cron.mjs')).cron(log),
};
const builtIn = {
  'setInterval per job': async (log) => (await import('./set-interval.mjs')).setIntervalPerJob(log),
  [FLOOR]: async (log) => (await import('./bare-heap.mjs')).bareHeap(log),
};

const packageOf = (name) => name.split(',')[0];
const installed = Object.keys(contenders).filter((name) => packageOf(name) === OURS || isInstalled(packageOf(name)));

/** The available contenders: this package, those without a package, and installed ones. */
export const contenderNames = [...installed, ...Object.keys(builtIn)];

/**
 * @param {string} name
 * @param {import('./contender.mjs').FireLog} log - records each fire
 * @returns {Promise<import('./contender.mjs').Contender>}
 */
export function open(name, log) {
  return { ...contenders, ...builtIn }[name](log);
}

/** @returns {Record<string, string>} the version of each installed package */
export function versions() {
  return versionsOf(installed.map(packageOf));
}

function nextWholeSecond() {
  return Math.ceil(Date.now() / SECOND) * SECOND;
}
