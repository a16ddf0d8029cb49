import { messageOf } from '../../engine/util/inspect.js';
import type { JobRecord, JobSpec } from '../../engine/jobs/job.js';
import { inChunks } from '../../engine/util/chunks.js';
import { SpecCache } from '../../engine/stores/spec-cache.js';
import type { Backend } from './backend.js';
import { decodeJob, decodeState, type JobState } from './job-codec.js';
import { GET_JOBS } from './scripts/job-scripts.js';

/** How many definitions are read at once. */
const READ_AT_ONCE = 250;

/** The definitions of jobs as this process has read them, each until it has another edition. */
export class JobCache {
  private readonly cached = new SpecCache();

  constructor(private readonly backend: Backend) {}

  /** Reads a definition. One that this release cannot read is reported when it is first read, and left as it is. */
  read(id: string, state: JobState, definition: string): JobSpec | null {
    const known = this.cached.recall(id, state.edition);
    if (known !== undefined) return known;
    let spec: JobSpec | null = null;
    try {
      spec = decodeJob(id, definition);
    } catch (error) {
      this.tell(id, error);
    }
    this.cached.keep(id, state.edition, spec, definition.length);
    return spec;
  }

  record(id: string, stateText: string, definition: string): JobRecord | null {
    const state = decodeState(stateText);
    const spec = this.read(id, state, definition);
    const { nextRunTime, nextNominalTime, paused } = state;
    return spec && { ...spec, nextRunTime, nextNominalTime, paused };
  }

  /** The definitions of jobs in these states, by id. Of one that has changed since there is none. */
  async specs(ids: readonly string[], states: readonly string[]): Promise<Map<string, JobSpec | null>> {
    const found = new Map<string, JobSpec | null>();
    const missing: string[] = [];
    const editions = new Map<string, string>();
    ids.forEach((id, index) => {
      const { edition } = decodeState(states[index] as string);
      const known = this.cached.recall(id, edition);
      if (known !== undefined) found.set(id, known);
      else {
        missing.push(id);
        editions.set(id, edition);
      }
    });
    for (const some of inChunks(missing, READ_AT_ONCE)) {
      const [now, definitions] = await this.backend.run<[(string | null)[], (string | null)[]]>(GET_JOBS, ...some);
      some.forEach((id, index) => {
        const state = now[index];
        const definition = definitions[index];
        if (!state || !definition) return;
        const decoded = decodeState(state);
        const spec = this.read(id, decoded, definition);
        if (decoded.edition === editions.get(id)) found.set(id, spec);
      });
    }
    return found;
  }

  /** A job was removed; all, where none is named. */
  forget(id?: string): void {
    if (id === undefined) this.cached.clear();
    else this.cached.forget(id);
  }

  private tell(id: string, error: unknown): void {
    const message = `Job "${id}" cannot be read by this release and is left alone: ${messageOf(error)}`;
    this.backend.context?.logger.error(message, error);
  }
}
