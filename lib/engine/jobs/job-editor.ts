import type { ActingContext } from '../audit/acting.js';
import { StaleJobError } from '../errors.js';
import type { Job, JobRecord } from '../model/job.js';
import { withoutPause } from './job-attributes.js';
import type { JobChanges } from './job-definition.js';
import type { JobDirectory } from './job-directory.js';
import type { JobFactory } from './job-factory.js';
import { parseJobChanges, type JobInput } from './job-input.js';
import type { JobPlacement } from './job-placement.js';
import { jobVersion } from './job-version.js';
import { parseModification, parsePause } from './run-options.js';

export interface JobEditorParts {
  readonly directory: JobDirectory;
  readonly factory: JobFactory;
  readonly placement: JobPlacement;
  readonly acting: ActingContext;
}

/** Changes jobs that are there. */
export class JobEditor {
  constructor(private readonly parts: JobEditorParts) {}

  /** @throws InvalidInputError with every fault. */
  check(id: string, changes: JobChanges): JobInput {
    const { placement } = this.parts;
    return parseJobChanges(id, changes, (input) => [
      ...placement.taskFaults(input),
      ...placement.executorFaults(input),
    ]);
  }

  /** @throws InvalidInputError; JobLookupError; StaleJobError */
  async modify(id: string, changes: JobChanges, options: unknown): Promise<Job> {
    const { directory, factory } = this.parts;
    const { jobStore, ifVersion } = parseModification(options);
    const input = this.check(id, changes);
    const timeGiven = input.nextRunTime !== undefined ? true : input.trigger ? false : undefined;
    const change = (job: JobRecord): JobRecord => {
      if (ifVersion !== undefined && jobVersion(job) !== ifVersion) throw new StaleJobError(id);
      return factory.change(job, input);
    };
    return directory.change(id, jobStore, 'job.modify', change, timeGiven);
  }

  /** @throws InvalidInputError; JobLookupError */
  async pause(id: string, options: unknown): Promise<Job> {
    const { acting, directory, factory } = this.parts;
    const { jobStore, cancelRuns, ...given } = parsePause(options);
    return acting.run(given, () => {
      const { actor, note } = acting.current;
      const why = { ...(actor !== null && { actor }), ...(note !== null && { note }), ...given };
      return directory.change(id, jobStore, 'job.pause', (job) => factory.pause(job, why), true, cancelRuns);
    });
  }

  /** @throws JobLookupError */
  async resume(id: string, jobStore: string | undefined): Promise<Job> {
    const { directory, factory } = this.parts;
    let hasEnded = false;
    const change = (job: JobRecord): JobRecord => {
      const next = factory.resume(job);
      hasEnded = next === null;
      return next ?? { ...withoutPause(job), paused: false };
    };
    const resumed = await directory.change(id, jobStore, 'job.resume', change, false);
    if (hasEnded) await directory.removeIfEnded(id, resumed.jobStore);
    return resumed;
  }
}
