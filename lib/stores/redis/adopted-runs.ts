import type { AdoptedRun, AdoptionRequest } from '../../engine/stores/job-store.js';
import type { Backend } from './backend.js';
import type { JobCache } from './job-cache.js';
import { decodeState } from './job-codec.js';
import type { Orphan } from './lost-runs.js';
import type { NodeLease } from './node-lease.js';
import { decodeRun } from './run-codec.js';
import { ADOPT_RUN, ADOPT_UNWATCHED } from './scripts/node-scripts.js';

type Adopted = [found: Orphan[], cursor: string];

/** How often runs are to be adopted under a lease. */
const ATTEMPTS = 3;
/** How many are looked at in one step. */
const PAGE = 200;

/** Puts handed-over runs under this node's lease. */
export class AdoptedRuns {
  constructor(
    private readonly backend: Backend,
    private readonly cache: JobCache,
    private readonly lease: NodeLease,
  ) {}

  async adopt(request: AdoptionRequest): Promise<readonly AdoptedRun[]> {
    if ('runId' in request) return this.read((await this.ask(ADOPT_RUN, request.runId))[0]);
    const adopted: AdoptedRun[] = [];
    for (let cursor: string | null = null; cursor !== '0' && adopted.length < request.limit;) {
      const most = Math.min(PAGE, request.limit - adopted.length);
      const page: Adopted = await this.ask(ADOPT_UNWATCHED, cursor ?? '0', most, ...request.executors);
      adopted.push(...this.read(page[0]));
      cursor = page[1];
    }
    return adopted;
  }

  private async ask(script: typeof ADOPT_RUN, ...args: (string | number)[]): Promise<Adopted> {
    if (!this.lease.holds) await this.lease.renew();
    for (let attempt = 1; ; attempt++) {
      const answer = await this.backend.run<Adopted | 'stale'>(script, ...args);
      if (answer !== 'stale') return answer;
      if (attempt === ATTEMPTS) throw new Error('This node has no lease, and cannot get one that holds');
      await this.lease.renew();
    }
  }

  private read(found: readonly Orphan[]): readonly AdoptedRun[] {
    return found.flatMap(([, , row, state, definition]) => {
      try {
        const run = decodeRun(row ?? '');
        const job = state && definition ? this.cache.read(run.jobId, decodeState(state), definition) : null;
        return [{ run, job }];
      } catch {
        // One that is damaged stands under this lease, is not held, and is left again.
        return [];
      }
    });
  }
}
