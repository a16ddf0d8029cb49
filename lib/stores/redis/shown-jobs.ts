import type { RunState } from '../../engine/model/run-record.js';
import type { JobFacts, JobTraits } from '../../engine/stores/job-search.js';
import { decodeState } from './job-codec.js';
import { decodeFacts, UNKNOWN_FACTS } from './job-facts.js';
import type { JobIndex, Mending } from './job-index.js';

/** What scripts show of jobs: as many as fit into an answer. */
export type Shown = [
  ...[looked: number, states: (string | null)[], facts: (string | null)[], current: (0 | 1)[]],
  ...[lasts: string[], running: (0 | 1)[], outcomes: string[]],
];

/** A job as a search sees it. */
export interface SeenJob extends Omit<JobFacts, 'spec'> {
  readonly id: string;
  /** Null when it cannot be read. */
  readonly spec: JobTraits | null;
  readonly nameKey: string;
  /** The id of the run begun last, or nothing. */
  readonly last: string;
  /** How it is to stand in the indexes. */
  readonly indexed: Mending;
}

/**
 * Reads what a script shows of jobs, in their order: null for one that is gone. Facts that are missing, or of another edition,
 * are made anew of the definition, and kept.
 */
export async function readShown(
  ids: readonly string[],
  [looked, states, facts, isCurrent, lasts, running, outcomes]: Shown,
  index: JobIndex,
): Promise<readonly (SeenJob | null)[]> {
  const shown = ids.slice(0, looked);
  const current = await index.read(shown.filter((_, at) => isCurrent[at] === 0));
  const mendings: Mending[] = [];
  const seen = shown.map((id, at): SeenJob | null => {
    const [stored = null, fresh] = [facts[at], current.get(id)];
    if (fresh === null) {
      mendings.push(goneJob(id));
      return null;
    }
    const isReadable = fresh === undefined || fresh.facts !== UNKNOWN_FACTS;
    // What is known of an earlier edition says where one that cannot be read is to be found.
    const isNew = fresh !== undefined && (isReadable || stored === null);
    if (isNew) mendings.push(fresh);
    const text = isNew || stored === null ? `\0${fresh?.facts ?? UNKNOWN_FACTS}` : stored;
    const { nameKey, traits } = decodeFacts(id, text);
    const state = fresh?.state ?? states[at] ?? '';
    const { nextRunTime, paused, problem } = decodeState(state);
    return {
      id,
      spec: isReadable && problem === null ? traits : null,
      paused,
      nextRunTime,
      isRunning: running[at] === 1,
      lastOutcome: outcomes[at] ? (outcomes[at] as RunState) : null,
      nameKey,
      last: lasts[at] ?? '',
      indexed: { id, state, facts: text.slice(text.indexOf('\0') + 1) },
    };
  });
  await index.mend(mendings);
  return seen;
}

/** Takes a job that is gone from the indexes. */
export function goneJob(id: string): Mending {
  return { id, state: '', facts: UNKNOWN_FACTS };
}
