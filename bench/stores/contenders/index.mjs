import { isInstalled, OURS, versionsOf } from '../../support/packages.mjs';

export { OURS };

/**
 * @typedef {object} Entry
 * @property {string} title - whose figures they are
 * @property {string} package - that it needs
 * @property {'postgres' | 'redis' | 'sqlite'} server - where it keeps its jobs
 * @property {boolean} waitsForTime - whether jobs can be added for an instant, which it then wakes for to the millisecond;
 *   the others are given jobs that are due, before they begin to work
 * @property {(site: import('./contender.mjs').Site) => Promise<import('./contender.mjs').Contender>} open
 */

const ours = async (site, kind) => (await import('./nestjs-apscheduler.mjs'))[kind](site);
const bare = async (site, options) => (await import('./bare-loop.mjs')).bareLoop(site, options);

/** @type {Record<string, Entry>} */
export const contenders = {
  'ours-postgres': {
    ...{ title: `${OURS}, PostgreSQL`, package: OURS, server: 'postgres', waitsForTime: true },
    open: (site) => ours(site, 'onSql'),
  },
  'ours-redis': {
    ...{ title: `${OURS}, Redis`, package: OURS, server: 'redis', waitsForTime: true },
    open: (site) => ours(site, 'onRedis'),
  },
  'ours-sqlite': {
    ...{ title: `${OURS}, SQLite`, package: OURS, server: 'sqlite', waitsForTime: true },
    open: (site) => ours(site, 'onSql'),
  },
  bullmq: {
    ...{ title: 'BullMQ, Redis', package: 'bullmq', server: 'redis', waitsForTime: false },
    open: async (site) => (await import('./bullmq.mjs')).bullmq(site),
  },
  'pg-boss': {
    ...{ title: 'pg-boss, PostgreSQL', package: 'pg-boss', server: 'postgres', waitsForTime: false },
    open: async (site) => (await import('./pg-boss.mjs')).pgBoss(site),
  },
  'graphile-worker': {
    ...{ title: 'graphile-worker, PostgreSQL', package: 'graphile-worker', server: 'postgres', waitsForTime: false },
    open: async (site) => (await import('./graphile-worker.mjs')).graphileWorker(site),
  },
  bare: {
    ...{ title: 'bare loop on pg', package: OURS, server: 'postgres', waitsForTime: true },
    open: (site) => bare(site, { withRuns: false }),
  },
  'bare-runs': {
    ...{ title: 'bare loop on pg, with run rows', package: OURS, server: 'postgres', waitsForTime: true },
    open: (site) => bare(site, { withRuns: true }),
  },
};

/** @returns {string[]} the names of those that are here */
export function installed() {
  return Object.keys(contenders).filter((name) => isHere(contenders[name].package));
}

/** @returns {Record<string, string>} the version of each package that is here */
export function versions() {
  return versionsOf(
    Object.values(contenders)
      .map((entry) => entry.package)
      .filter(isHere),
  );
}

function isHere(name) {
  return name === OURS || isInstalled(name);
}
