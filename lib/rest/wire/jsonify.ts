import type { Job } from '../../engine/job.js';
import { jobToDict } from './job-to-dict.js';
import { jsonReplacer } from './json-value.js';

/**
 * A JSON response (Flask-APScheduler: `jsonify`). Dates become ISO 8601 strings with a numeric offset, jobs what the REST
 * API answers for them, however deep they are.
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
  return isJob(value) ? jobToDict(value) : jsonReplacer.call(this, key, value);
}

function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && 'task' in value && 'trigger' in value && 'pending' in value;
}
