import { isInstalled, OURS, versionsOf } from '../../support/packages.mjs';

export { OURS };

/**
 * @typedef {object} Entry
 * @property {string} title - its name in the report
 * @property {string} package - the package it needs
 * @property {'postgres' | 'redis' | 'sqlite'} server - the server that keeps its jobs
 * @property {boolean} waitsForTime - whether it runs jobs at an instant, to the millisecond; the others are given jobs that are
 *   due before they start to work
 * @property {string} [how] - how it is used here, if there is a choice
 * @property {number} [fromNode] - the Node.js version it requires, if newer than ours
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
    how:
      'job schedulers with `every: 1000`, one-off jobs by `addBulk`; a worker per process with `concurrency: 100`. Ended jobs are ' +
      'removed, which is cheapest; by default it keeps them.',
    open: async (site) => (await import('./bullmq.mjs')).bullmq(site),
  },
  'pg-boss': {
    ...{ title: 'pg-boss, PostgreSQL', package: 'pg-boss', server: 'postgres', waitsForTime: false },
    fromNode: 22,
    how:
      'one-off jobs by `insert`; two local workers with `batchSize: 500` and `burstWhenBatchFull`, so that they do not wait while there ' +
      'are more, woken by LISTEN/NOTIFY (`useListenNotify`, and `notify` of the queue).',
    open: async (site) => (await import('./pg-boss.mjs')).pgBoss(site),
  },
  'graphile-worker': {
    ...{ title: 'graphile-worker, PostgreSQL', package: 'graphile-worker', server: 'postgres', waitsForTime: false },
    fromNode: 22,
    how:
      'one-off jobs by `addJobs`; `concurrentJobs: 24`, a local queue of 500 and batched completion (`completeJobBatchDelay: 0`), as ' +
      'its manual recommends for throughput.',
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

/** @returns {string[]} the names of the available contenders */
export function installed() {
  return Object.keys(contenders).filter((name) => isHere(contenders[name].package));
}

/** @returns {Record<string, string>} the version of each installed package */
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

/**
 * @param {Record<string, string>} versions - of the installed packages
 * @param {string} node - the version of Node.js that was used
 */
export function howTheyRun(versions, node) {
  const others = Object.values(contenders).filter(({ how, package: name }) => how !== undefined && versions[name]);
  const unforeseen = others.filter(({ fromNode = 0 }) => Number(node.slice(1).split('.')[0]) < fromNode);
  return [
    ...others.map(({ title, how }) => `${title}: ${how}`),
    'bare loop: in each transaction of one connection, up to 500 rows are locked by `SELECT ... FOR UPDATE SKIP LOCKED` and moved on by ' +
      'one `UPDATE`; "with run rows" adds an `INSERT` of a row per run. The baseline: no completion, recovery or notification.',
    ...unforeseen.map(
      ({ package: name, fromNode }) =>
        `${name} ${versions[name]} asks for Node.js ${fromNode}; here it ran on ${node}.`,
    ),
  ];
}

/** Why some contenders are missing in some tables. */
export function whatTheyCannotDo() {
  return [
    'pg-boss and graphile-worker are not measured with jobs every second: their recurring jobs are cron expressions of minutes.',
    'Recovery of pg-boss and graphile-worker is not measured, since their defaults determine it: a job of pg-boss may ' +
      'be active for 15 minutes (`expireInSeconds`, default 900; `heartbeatSeconds` is optional), and one of ' +
      "graphile-worker is locked for 4 hours (`locked_at < now() - interval '4 hours'` in its SQL).",
    'The bare loop neither notifies other processes nor recovers jobs. SQLite is measured with one process, since its file has one writer.',
    'BullMQ cannot add job schedulers in bulk: its figure for adding in bulk is for one-off jobs, like all of them.',
  ];
}
