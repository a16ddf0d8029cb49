import { ConflictingIdError, InvalidInputError, JobLookupError, SchedulerError } from '../../engine/errors.js';
import type { JobRecord } from '../../engine/jobs/job.js';
import type { Backend } from './backend.js';
import type { JobCache } from './job-cache.js';
import { encodeJob, scheduleFields } from './job-codec.js';
import {
  ADD_JOBS,
  FIND_JOBS,
  GET_JOB,
  LIST_JOBS,
  REMOVE_ALL,
  REMOVE_IF_ENDED,
  REMOVE_JOB,
  REMOVE_SEEN,
  UPDATE_JOB,
} from './scripts/job-scripts.js';

/** How often a change is made anew because the job had changed meanwhile. */
const MAX_TRIES = 100;

/** In the definition of a job that has `declaredBy`. */
const DECLARED = '"declaredBy":{';

/** The jobs of a namespace. */
export class JobTable {
  constructor(
    private readonly backend: Backend,
    private readonly cache: JobCache,
  ) {}

  async add(jobs: readonly JobRecord[]): Promise<void> {
    if (jobs.length === 0) return;
    const fields = jobs.flatMap((job) => [job.id, encodeJob(job), ...scheduleFields(job)]);
    const claimed = await this.backend.run<number>(ADD_JOBS, ...fields);
    const conflicting = jobs[claimed - 1];
    if (conflicting) throw new ConflictingIdError(conflicting.id);
  }

  async get(id: string): Promise<JobRecord | undefined> {
    const [state, definition] = await this.find(id);
    return (state && definition && this.cache.record(id, state, definition)) || undefined;
  }

  async list(which?: 'declared'): Promise<readonly JobRecord[]> {
    const jobs = which ? await this.declared() : await this.all();
    return jobs.sort((a, b) => (a.nextRunTime ?? Infinity) - (b.nextRunTime ?? Infinity) || 0);
  }

  private async all(): Promise<JobRecord[]> {
    const [states, definitions] = await this.backend.run<[string[], string[]]>(LIST_JOBS);
    const texts = new Map(pairs(definitions));
    const jobs: JobRecord[] = [];
    for (const [id, state] of pairs(states)) {
      const job = this.cache.record(id, state, texts.get(id) ?? '');
      if (job) jobs.push(job);
    }
    return jobs;
  }

  /** Page by page: no other client waits for long. */
  private async declared(): Promise<JobRecord[]> {
    const jobs = new Map<string, JobRecord>();
    let cursor = '0';
    do {
      const page = await this.backend.run<[string, string[], (string | null)[], string[]]>(FIND_JOBS, cursor, DECLARED);
      const [next, ids, states, definitions] = page;
      ids.forEach((id, index) => {
        const state = states[index];
        const job = state ? this.cache.record(id, state, definitions[index] as string) : null;
        // What the server finds may be an argument of that name.
        if (job?.declaredBy) jobs.set(id, job);
      });
      cursor = next;
    } while (cursor !== '0');
    return [...jobs.values()];
  }

  async update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const [state, definition] = await this.find(id);
      if (!state || !definition) throw new JobLookupError(id);
      const current = this.cache.record(id, state, definition);
      if (!current) {
        const problem = 'is from a newer release, which alone can change it';
        throw new InvalidInputError(`Job "${id}" cannot be changed`, [{ field: 'id', problem }]);
      }
      const changed = change(current);
      if (changed === current) return current;
      const fields = [id, state, encodeJob(changed, definition), ...scheduleFields(changed)];
      const done = await this.backend.run<number>(UPDATE_JOB, ...fields);
      if (done === 1) return changed;
      if (done < 0) throw new JobLookupError(id);
    }
    throw tooBusy(id);
  }

  async remove(id: string): Promise<void> {
    if ((await this.backend.run<number>(REMOVE_JOB, id)) === 0) throw new JobLookupError(id);
    this.cache.forget(id);
  }

  async removeIf(id: string, predicate: (current: JobRecord) => boolean): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const [state, definition] = await this.find(id);
      const current = state && definition && this.cache.record(id, state, definition);
      if (!current || !predicate(current)) return false;
      const done = await this.backend.run<number>(REMOVE_SEEN, id, state);
      if (done === 1) this.cache.forget(id);
      if (done !== 0) return done === 1;
    }
    throw tooBusy(id);
  }

  async removeIfEnded(id: string): Promise<boolean> {
    const isRemoved = (await this.backend.run<number>(REMOVE_IF_ENDED, id)) === 1;
    if (isRemoved) this.cache.forget(id);
    return isRemoved;
  }

  async removeAll(): Promise<void> {
    await this.backend.run(REMOVE_ALL);
    this.cache.forget();
  }

  private find(id: string): Promise<[string | null, string | null]> {
    return this.backend.run(GET_JOB, id);
  }
}

function tooBusy(id: string): SchedulerError {
  return new SchedulerError('JOB_CONFLICT', `Job "${id}" cannot be changed: others change it all the time; try again`);
}

/** Of a list that has names and values in turn. */
function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at] as string, flat[at + 1] as string];
}
