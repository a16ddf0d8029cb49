import type { JobSpec } from 'nestjs-apscheduler/engine';
import { RunIds } from '../../lib/engine/runs/run-ids.js';
import type { RunEntry, RunMaker } from '../../lib/engine/runs/run-entry.js';
import * as samples from '../../lib/testing/conformance/sample-runs.js';

export { jobRecord, onTo } from '../../lib/testing/conformance/sample-jobs.js';
export { end } from '../../lib/testing/conformance/sample-runs.js';

/** About now, for stores that have a clock of their own. */
export const T = Math.floor(Date.now() / 1000) * 1000;

const maker: RunMaker = { node: 'here', ids: new RunIds() };

/** A run that has not begun, as the engine makes it. */
export function newRun(job: JobSpec, nominalTime: number, given?: samples.RunGiven): RunEntry {
  return samples.newRun(maker, job, nominalTime, T, given);
}
