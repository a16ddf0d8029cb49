import { EVENT_ALL, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, Scheduler } from '../../dist/engine/index.js';
import { indexes } from './contender.mjs';

/* With its defaults: history, leases, and a listener to all events. Only its log is silenced, except for errors. */
const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: (...words) => console.error(...words) };

export const onSql = async (site) => {
  const { SqlJobStore } = await import('../../dist/stores/sql/index.js');
  return ours(site, new SqlJobStore({ url: site.url }));
};

export const onRedis = async (site) => {
  const { RedisJobStore } = await import('../../dist/stores/redis/index.js');
  return ours(site, new RedisJobStore({ url: site.url }));
};

/**
 * @param {import('./contender.mjs').Site} site
 * @param {import('../../dist/engine/index.js').JobStore} store
 * @returns {Promise<import('./contender.mjs').Contender>}
 */
async function ours({ node, run, leftOut }, store) {
  const scheduler = new Scheduler({ jobStores: { default: store }, node, logger, timezone: 'UTC' });
  scheduler.registerTask('run', (value, { scheduledTime }) => run(value, scheduledTime));
  scheduler.addListener((event) => told(event, leftOut), EVENT_ALL);
  // A process that only adds jobs is a node too.
  await scheduler.start({ paused: true });
  let added = 0;
  const oneOff = (index, runDate) => ({ id: `job-${index}`, task: 'run', args: [index], trigger: 'date', runDate });
  return {
    work: () => scheduler.resume(),
    addEverySecond: (jobs, startOf) =>
      scheduler.addJobs(
        indexes(jobs).map((index) => ({
          ...{ id: `job-${index}`, task: 'run', args: [index], trigger: 'interval' },
          ...{ seconds: 1, startDate: new Date(startOf(index)) },
        })),
      ),
    addAll: (jobs, at) => scheduler.addJobs(indexes(jobs).map((index) => oneOff(index, new Date(at)))),
    addNow: (value) => scheduler.addJob({ id: `now-${++added}`, task: 'run', args: [value] }),
    isDone: async () => (await scheduler.getJobs()).length === 0,
  };
}

function told(event, leftOut) {
  const { code, jobId } = event;
  if (jobId === undefined) return;
  const index = Number(jobId.slice('job-'.length));
  if (code === EVENT_JOB_MISSED) leftOut(index, event.scheduledRunTime, event.lastScheduledRunTime);
  else if (code === EVENT_JOB_MAX_INSTANCES) for (const time of event.scheduledRunTimes) leftOut(index, time, time);
  else if (event.coalescedFrom) leftOut(index, event.coalescedFrom, event.scheduledRunTimes[0] - 1000);
}
