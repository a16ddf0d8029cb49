import {
  ConflictingIdError,
  JobCompletedError,
  JobLookupError,
  JobUnreadableError,
  SchedulerError,
} from '../../engine/errors.js';
import type { JobRecord } from '../../engine/model/job.js';
import { inWeighedChunks } from '../../engine/util/chunks.js';
import type { OnUnreadable, UnreadableJob } from '../../engine/model/unreadable-job.js';
import { SCRIPT_BOUNDS, type Backend } from './backend.js';
import type { JobCache } from './job-cache.js';
import { encodeJob, scheduleFields } from './job-codec.js';
import { encodeFacts } from './job-facts.js';
import {
  ADD_JOBS,
  FIND_JOBS,
  FIND_UNDEFINED,
  ADD_STAGED,
  GET_JOB,
  REMOVE_ALL,
  REMOVE_IF_ENDED,
  REMOVE_JOB,
  REMOVE_SEEN,
  STAGE_JOBS,
  UPDATE_JOB,
} from './scripts/job-scripts.js';

type Page = [
  ...[next: string, ids: string[], states: (string | null)[], definitions: string[]],
  ...[looked: number, bytes: number, withState: number],
];
type UndefinedPage = [next: string, ids: string[], states: string[]];

/** How often a change is made anew because the job had changed meanwhile. */
const MAX_TRIES = 100;

/** About how many jobs are read first: how large they are is not known yet. */
const FIRST_PAGE = 40;

/** In the definition of a job that has `declaredBy`. */
const DECLARED = '"declaredBy":{';

/** The jobs of a namespace. */
export class JobTable {
  private staging: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly backend: Backend,
    private readonly cache: JobCache,
  ) {}

  async add(jobs: readonly JobRecord[], isDeclaration = false): Promise<void> {
    if (jobs.length === 0) return;
    const fields = jobs.map((job) => [job.id, encodeJob(job), ...scheduleFields(job), encodeFacts(job)]);
    const chunks = [...inWeighedChunks(fields, SCRIPT_BOUNDS, lengthOf)];
    const place =
      chunks.length === 1
        ? await this.backend.run<number>(ADD_JOBS, isDeclaration ? 1 : 0, ...fields.flat())
        : await this.stage(chunks);
    if (place < 0) throw new JobCompletedError(jobs[0]?.id ?? '');
    const conflicting = jobs[place - 1];
    if (conflicting) throw new ConflictingIdError(conflicting.id);
    const { mark } = this.backend;
    this.backend.mark = { ...mark, count: mark.count + jobs.length };
  }

  /** Adds jobs that are too many for one script: they are brought there first, and then added in one step. */
  private stage(chunks: readonly (readonly string[][])[]): Promise<number> {
    const step = async (): Promise<number> => {
      let count = 0;
      for (const chunk of chunks) {
        await this.backend.run(STAGE_JOBS, count === 0 ? 1 : 0, ...chunk.flat());
        count += chunk.length;
      }
      const place = await this.backend.run<number>(ADD_STAGED, count);
      if (place < 0) throw new Error(`Redis did not keep ${count} jobs until all of them were there; none was added`);
      return place;
    };
    // One after the other: they have one place to wait in.
    const staged = this.staging.then(step);
    this.staging = staged.catch(() => undefined);
    return staged;
  }

  async get(id: string, onUnreadable?: OnUnreadable): Promise<JobRecord | undefined> {
    const [state, definition] = await this.find(id);
    if (state === null && definition === null) return undefined;
    return this.cache.record(id, state ?? '', definition ?? '', onUnreadable) ?? undefined;
  }

  async list(which?: 'declared', onUnreadable?: OnUnreadable): Promise<readonly JobRecord[]> {
    // A scan may come by a job twice.
    const unreadable = new Map<string, UnreadableJob>();
    const { jobs, withState } = await this.readAll(which, (job) => unreadable.set(job.id, job));
    // A scan of definitions does not find those of which only the state is left.
    const found = jobs.length + [...unreadable.values()].filter(({ raw }) => raw['state'] !== '').length;
    if (which === undefined && found < withState) await this.readUndefined((job) => unreadable.set(job.id, job));
    if (onUnreadable) unreadable.forEach((job) => onUnreadable(job));
    return jobs.sort((a, b) => (a.nextRunTime ?? Infinity) - (b.nextRunTime ?? Infinity) || 0);
  }

  /** Page by page: no other client waits for long. */
  private async readAll(
    which: 'declared' | undefined,
    onUnreadable: OnUnreadable,
  ): Promise<{ readonly jobs: JobRecord[]; readonly withState: number }> {
    const jobs = new Map<string, JobRecord>();
    let cursor = '0';
    let withState = 0;
    let count = FIRST_PAGE;
    do {
      const [next, ids, states, definitions, looked, bytes, stateCount] = await this.backend.run<Page>(
        FIND_JOBS,
        cursor,
        which ? DECLARED : '',
        count,
      );
      // As many as fit into a page, by what those of this one took.
      count = Math.max(
        1,
        Math.min(SCRIPT_BOUNDS.items, Math.floor((SCRIPT_BOUNDS.bytes * looked) / Math.max(bytes, 1))),
      );
      ids.forEach((id, index) => {
        const state = states[index];
        const job = this.cache.record(id, state ?? '', definitions[index] as string, onUnreadable);
        // What the server finds may be an argument of that name.
        if (job && (!which || job.declaredBy)) jobs.set(id, job);
      });
      cursor = next;
      withState = stateCount;
    } while (cursor !== '0');
    return { jobs: [...jobs.values()], withState };
  }

  private async readUndefined(onUnreadable: OnUnreadable): Promise<void> {
    let cursor = '0';
    do {
      const [next, ids, states] = await this.backend.run<UndefinedPage>(FIND_UNDEFINED, cursor);
      ids.forEach((id, index) => this.cache.record(id, states[index] as string, '', onUnreadable));
      cursor = next;
    } while (cursor !== '0');
  }

  async update(id: string, change: (current: JobRecord) => JobRecord): Promise<JobRecord> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const [state, definition] = await this.find(id);
      if (state === null && definition === null) throw new JobLookupError(id);
      const current = this.cache.record(id, state ?? '', definition ?? '', (job) => {
        throw new JobUnreadableError(job);
      }) as JobRecord;
      const changed = change(current);
      if (changed === current) return current;
      const fields = [id, state as string, encodeJob(changed, definition as string), ...scheduleFields(changed)];
      const done = await this.backend.run<number>(UPDATE_JOB, ...fields, encodeFacts(changed));
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

/** About how many bytes texts take. */
function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function tooBusy(id: string): SchedulerError {
  return new SchedulerError('JOB_CONFLICT', `Job "${id}" cannot be changed: others change it all the time; try again`);
}
