import { messageOf } from '../../engine/util/inspect.js';
import type { JobRecord, JobSpec } from '../../engine/model/job.js';
import { unreadableJob } from '../../engine/jobs/stored-job.js';
import type { OnUnreadable } from '../../engine/model/unreadable-job.js';
import { SpecCache } from '../../engine/stores/spec-cache.js';
import { OnceLogger } from '../../engine/util/once-logger.js';
import type { Backend } from './backend.js';
import { decodeJob, decodeState, type JobState } from './job-codec.js';
import { GET_JOBS } from './scripts/job-scripts.js';

/** How many definitions are read at once. */
const READ_AT_ONCE = 250;

/** The definitions of jobs as this process has read them, each until it has another edition. */
export class JobCache {
  private readonly cached = new SpecCache();
  private readonly reports = new OnceLogger(() => this.backend.context?.logger);

  constructor(private readonly backend: Backend) {}

  /** Reads a definition; null when this release cannot, which is logged. */
  read(id: string, { edition }: JobState, definition: string): JobSpec | null {
    const known = this.cached.recall(id, edition);
    if (known !== undefined) return known;
    const { spec, problem } = decoded(id, definition);
    if (spec === null) this.report(id, problem);
    this.cached.keep(id, edition, spec, definition.length);
    return spec;
  }

  record(id: string, stateText: string, definition: string, onUnreadable?: OnUnreadable): JobRecord | null {
    const state = decodeState(stateText);
    const { nextRunTime, nextNominalTime, paused, runsLeft, problem } = state;
    // Where only the state is left, what this process has read before does not count.
    const spec = problem === null && definition !== '' ? this.read(id, state, definition) : null;
    if (spec) return { ...spec, nextRunTime, nextNominalTime, paused, ...(runsLeft !== undefined && { runsLeft }) };
    const reason = problem ?? decoded(id, definition).problem;
    this.report(id, reason);
    const raw = { state: stateText, definition };
    onUnreadable?.(unreadableJob(id, reason, raw, { text: definition, nextRunTime, paused }));
    return null;
  }

  /** The definitions of jobs in these states, by id. Of one that has changed since there is none. */
  async specs(ids: readonly string[], states: readonly string[]): Promise<Map<string, JobSpec | null>> {
    const found = new Map<string, JobSpec | null>();
    const missing: string[] = [];
    const editions = new Map<string, string>();
    ids.forEach((id, index) => {
      const { edition, problem } = decodeState(states[index] as string);
      if (problem !== null) {
        this.report(id, problem);
        return;
      }
      const known = this.cached.recall(id, edition);
      if (known !== undefined) found.set(id, known);
      else {
        missing.push(id);
        editions.set(id, edition);
      }
    });
    for (let from = 0; from < missing.length;) {
      const some = missing.slice(from, from + READ_AT_ONCE);
      const [now, definitions] = await this.backend.run<[(string | null)[], (string | null)[]]>(GET_JOBS, ...some);
      some.forEach((id, index) => {
        const state = now[index];
        const definition = definitions[index];
        if (!state || !definition) return;
        const decoded = decodeState(state);
        const spec = this.read(id, decoded, definition);
        if (decoded.edition === editions.get(id)) found.set(id, spec);
      });
      from += Math.max(now.length, 1);
    }
    return found;
  }

  /** A job was removed; all, where none is named. */
  forget(id?: string): void {
    if (id === undefined) this.cached.clear();
    else this.cached.forget(id);
  }

  private report(id: string, problem: string): void {
    const key = JSON.stringify([id, problem]);
    this.reports.add(key, `Job "${id}" cannot be read by this release and is left alone: ${problem}`);
  }
}

/** A job's definition, or why it cannot be read. */
function decoded(id: string, definition: string): { readonly spec: JobSpec | null; readonly problem: string } {
  try {
    return { spec: decodeJob(id, definition), problem: '' };
  } catch (error) {
    return { spec: null, problem: messageOf(error) };
  }
}
