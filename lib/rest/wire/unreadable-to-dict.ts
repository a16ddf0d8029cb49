import type { UnreadableJob } from '../../engine/model/unreadable-job.js';

/**
 * A job that cannot be read as the wire shows it: every member that clients know of a job, and why it cannot be read.
 * It never runs, so it has no next run time.
 */
export function unreadableToDict({ id, definition, jobStore, problem }: UnreadableJob): Record<string, unknown> {
  const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    id,
    name: textOf(definition['name']) || id,
    func: textOf(definition['task']),
    args: [],
    kwargs: {},
    trigger: 'unreadable',
    misfire_grace_time: null,
    max_instances: 1,
    next_run_time: null,
    coalesce: true,
    catch_up_limit: 1,
    overlap: 'skip',
    max_queued: 1,
    timeout: null,
    retry: null,
    executor: textOf(definition['executor']) || 'default',
    jobstore: jobStore ?? 'default',
    run_on_start: false,
    tags: [],
    metadata: {},
    description: null,
    max_runs: null,
    runs_left: null,
    pause_after_failures: null,
    failures: 0,
    enabled: true,
    paused: false,
    pause: null,
    last_run: null,
    waiting_for: 'a release that can read it',
    unreadable: problem,
  };
}
