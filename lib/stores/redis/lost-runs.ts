import type { JobSpec } from '../../engine/model/job.js';
import type { RunRecord } from '../../engine/model/run-record.js';
import { inChunks } from '../../engine/util/chunks.js';
import type { Backend } from './backend.js';
import type { JobCache } from './job-cache.js';
import { decodeState } from './job-codec.js';
import { decodeRun, encodeRun, withFlag } from './run-codec.js';
import { FORGET_NODES, LEAVE_RUNS, ORPHANED_RUNS, OWN_RUNS, RECOVER_RUNS } from './scripts/node-scripts.js';

/** A run as scripts show it to whoever takes it. */
export type Orphan = [
  runId: string,
  entry: string,
  row: string | null,
  state: string | null,
  definition: string | null,
];
type Orphans = [now: string, found: Orphan[], expired: string[], cursor: string, isMore: number];

/** How many runs are taken from this node's own lease at once. */
const AT_ONCE = 200;

/**
 * Finds runs whose node has gone away, says that they are lost, and lets them be made again within their attempts. Those that were
 * handed over are left to whoever adopts them.
 */
export class LostRuns {
  constructor(
    private readonly backend: Backend,
    private readonly cache: JobCache,
  ) {}

  /**
   * @param reason - how this node's own runs come to be lost. Those of others: their node went away.
   * @param patientUntil - until when runs are left with nodes whose lease is over, by the server's clock.
   */
  async recover(reason: 'node lost' | 'shutdown', patientUntil: number): Promise<void> {
    // A lease that ends on the way waits for the next time: runs of it may have been passed over.
    let ended: readonly string[] | null = null;
    for (let cursor = '0', isMore = 1; isMore === 1;) {
      const orphans: Orphans = await this.backend.run<Orphans>(ORPHANED_RUNS, patientUntil, cursor);
      const [now, found, expired] = orphans;
      [cursor, isMore] = [orphans[3], orphans[4]];
      ended ??= expired;
      if (found.length > 0) await this.take(found, Number(now), reason);
    }
    if (ended && ended.length > 0) await this.backend.run(FORGET_NODES, ...ended);
  }

  /** Takes runs from this node's own lease: it does not hold them. */
  async takeOwn(ids: readonly string[]): Promise<void> {
    for (let first = 0; first < ids.length; first += AT_ONCE) {
      const some = ids.slice(first, first + AT_ONCE);
      const [now, found] = await this.backend.run<[now: string, found: Orphan[]]>(OWN_RUNS, ...some);
      if (found.length > 0) await this.take(found, Number(now), 'node lost');
    }
  }

  /** Leaves handed-over runs of this node's own lease to whoever adopts them. */
  async leaveOwn(ids: readonly string[]): Promise<void> {
    for (const some of inChunks(ids, AT_ONCE)) {
      const [, found] = await this.backend.run<[now: string, found: Orphan[]]>(OWN_RUNS, ...some);
      const handedOver = found.flatMap((orphan) => handedOverOf(orphan));
      if (handedOver.length > 0) await this.backend.run(LEAVE_RUNS, ...handedOver);
    }
  }

  private async take(found: readonly Orphan[], now: number, reason: 'node lost' | 'shutdown'): Promise<void> {
    const { backend } = this;
    const handedOver = found.flatMap((orphan) => handedOverOf(orphan));
    if (handedOver.length > 0) await backend.run(LEAVE_RUNS, ...handedOver);
    const ended = handedOver.length > 0 ? found.filter((orphan) => handedOverOf(orphan).length === 0) : found;
    if (ended.length === 0) return;
    const fields = ended.flatMap((orphan) => this.fieldsOf(orphan, now, reason));
    const [runs, parked] = await backend.run<[string[], string[]]>(RECOVER_RUNS, ...backend.limits, ...fields);
    this.tell(runs.length, parked, reason);
  }

  private fieldsOf(orphan: Orphan, now: number, reason: 'node lost' | 'shutdown'): (string | number)[] {
    const [runId, entry, row, state, definition] = orphan;
    let run: RunRecord;
    try {
      run = decodeRun(row ?? '');
    } catch {
      // It ends as it is: its content is unknown, and the others must not wait for it.
      return [runId, entry, withFlag(row ?? '', 'x'), '-', 1];
    }
    const spec = state && definition ? this.cache.read(run.jobId, decodeState(state), definition) : null;
    const retryAt = state !== null && this.mayRetry(run, spec) ? now : null;
    const isMine = entry.startsWith(`${this.backend.attached.instance} `);
    // Its outcome may be known: it was aborted, and ignored its signal.
    const end =
      run.finishedAt !== null && run.state !== 'lost'
        ? {}
        : { state: 'lost' as const, reason: isMine ? reason : ('node lost' as const) };
    const lost: RunRecord = { ...run, ...end, settled: true, finishedAt: run.finishedAt ?? now, retryAt };
    return [runId, entry, encodeRun(lost, 'x'), retryAt ?? '-', lost.state === 'lost' ? 1 : 0];
  }

  /** A job that cannot be read here has its retry too: a node that can read it makes it. */
  private mayRetry({ attempt, state }: RunRecord, spec: JobSpec | null): boolean {
    if (state === 'cancelled') return false;
    const own = spec?.retry?.attempts ?? 1;
    // One that had timed out, and went on, is tried again only where its job says so.
    return attempt < (state === 'timed_out' ? own : Math.max(own, this.backend.options.recoveryAttempts));
  }

  private tell(count: number, parked: readonly string[], reason: 'node lost' | 'shutdown'): void {
    const { logger, wake } = this.backend.attached;
    if (count > 0 && reason === 'node lost') {
      logger.warn(`${count} run(s) are lost with their node; they are tried again within their attempts`);
      wake(-Infinity);
    }
    for (const id of parked) {
      logger.error(`Job "${id}" is paused: its last run was lost with its node, and has no attempt left`);
    }
  }
}

/** Of a handed-over run, what is needed to leave it to others; nothing of any other. */
function handedOverOf([runId, entry, row]: Orphan): readonly string[] {
  // Nearly all are others, and need not be read twice.
  if (!row?.includes('"state":"handed_over"')) return [];
  try {
    const { executor, state } = decodeRun(row);
    return state === 'handed_over' ? [runId, entry, executor ?? ''] : [];
  } catch {
    return [];
  }
}
