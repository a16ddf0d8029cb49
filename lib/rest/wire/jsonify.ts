import type { Job } from '../../engine/model/job.js';
import type { Run } from '../../engine/model/run-record.js';
import { jobToDict } from './job-to-dict.js';
import { jsonReplacer } from '../../engine/model/json-value.js';
import { runToDict } from './run-to-dict.js';

/**
 * A JSON response (Flask-APScheduler: `jsonify`). Dates become ISO 8601 strings with a numeric offset, jobs and runs
 * what the REST API answers for them, however deep they are.
 *
 * @param status - the HTTP status. @default 200
 * @throws TypeError when the data holds a cycle.
 */
export function jsonify(data: unknown, status = 200): Response {
  return new Response(JSON.stringify(data, replace) ?? 'null', {
    status,
    headers: { 'Content-Type': 'application/json' },
  });
}

function replace(this: unknown, key: string, value: unknown): unknown {
  if (isJob(value)) return jobToDict(value);
  return isRun(value) ? runToDict(value) : jsonReplacer.call(this, key, value);
}

function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && 'task' in value && 'trigger' in value && 'pending' in value;
}

function isRun(value: unknown): value is Run {
  return (
    typeof value === 'object' && value !== null && 'cause' in value && 'nominalTime' in value && 'jobStore' in value
  );
}
