import { SCRIPT_BOUNDS, type Backend } from './backend.js';
import type { JobCache } from './job-cache.js';
import { decodeState } from './job-codec.js';
import { encodeFacts, UNKNOWN_FACTS } from './job-facts.js';
import { COUNT_MISSING, INDEX_JOBS, NOTE_INDEXED, UNINDEXED_JOBS } from './scripts/index-scripts.js';
import { GET_JOBS } from './scripts/job-scripts.js';

type Unindexed = [next: string, ids: string[], looked: number, bytes: number];

/** How many jobs are looked at first: how large they are is not known yet. */
const FIRST_PAGE = 40;

/** What is to be put right in the indexes. */
export interface Mending {
  readonly id: string;
  /** As it was read; empty when it is not there. */
  readonly state: string;
  /** Without the edition. */
  readonly facts: string;
  /** A member of an index that is out of date. */
  readonly stale?: readonly [index: 'name' | 'lastRun', member: string];
}

/**
 * The indexes that jobs are found by. Every script keeps them; they lack what nodes of an earlier release have added, and what
 * was restored behind the backs of the nodes.
 */
export class JobIndex {
  private isSuspect = false;
  private completing: Promise<void> | null = null;

  constructor(
    private readonly backend: Backend,
    private readonly cache: JobCache,
  ) {}

  /** They may lack anything: the server has lost jobs, of which others may have been restored; or jobs have no place in them. */
  suspect(): void {
    this.isSuspect = true;
  }

  /** Whether they may lack something. @param missing - how many jobs were added by nodes that keep no indexes. */
  lacks(missing: number): boolean {
    return missing > 0 || this.isSuspect || this.completing !== null;
  }

  /** Puts into the indexes what they lack, in short steps. */
  complete(): Promise<void> {
    this.completing ??= this.completeNow().finally(() => (this.completing = null));
    return this.completing;
  }

  /** How jobs are to stand in the indexes, by their definitions; null for one that is gone. */
  async read(ids: readonly string[]): Promise<ReadonlyMap<string, Mending | null>> {
    const found = new Map<string, Mending | null>();
    for (let from = 0; from < ids.length;) {
      const some = ids.slice(from, from + SCRIPT_BOUNDS.items);
      const [states, definitions] = await this.backend.run<[(string | null)[], (string | null)[]]>(GET_JOBS, ...some);
      states.forEach((state, index) => {
        const [id, definition] = [some[index] as string, definitions[index] ?? null];
        const isGone = state === null && definition === null;
        found.set(
          id,
          isGone ? null : { id, state: state ?? '', facts: this.factsOf(id, state ?? '', definition ?? '') },
        );
      });
      from += Math.max(states.length, 1);
    }
    return found;
  }

  async mend(jobs: readonly Mending[]): Promise<void> {
    if (jobs.length === 0) return;
    const fields = jobs.flatMap(({ id, state, facts, stale = ['', ''] }) => [id, state, facts, ...stale]);
    await this.backend.run(INDEX_JOBS, ...fields);
  }

  private async completeNow(): Promise<void> {
    const { backend } = this;
    const missing = await backend.run<number>(COUNT_MISSING);
    if (missing <= 0 && !this.isSuspect) return;
    this.isSuspect = false;
    try {
      // Of a job that is damaged there may be the definition alone.
      for (const which of ['states', 'definitions']) await this.scan(which);
    } catch (error) {
      this.isSuspect = true;
      throw error;
    }
    await backend.run(NOTE_INDEXED, missing);
  }

  private async scan(which: string): Promise<void> {
    let cursor = '0';
    let count = FIRST_PAGE;
    do {
      const [next, ids, looked, bytes] = await this.backend.run<Unindexed>(UNINDEXED_JOBS, which, cursor, count);
      const fitting = Math.floor((SCRIPT_BOUNDS.bytes * looked) / Math.max(bytes, 1));
      count = Math.max(1, Math.min(SCRIPT_BOUNDS.items, fitting));
      cursor = next;
      const current = await this.read(ids);
      await this.mend([...current.values()].filter((one) => one !== null));
    } while (cursor !== '0');
  }

  /** Without the edition. */
  private factsOf(id: string, state: string, definition: string): string {
    const decoded = decodeState(state);
    const spec = decoded.problem === null && definition !== '' ? this.cache.read(id, decoded, definition) : null;
    return spec ? encodeFacts(spec) : UNKNOWN_FACTS;
  }
}
