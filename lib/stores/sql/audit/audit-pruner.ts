import { runIdAt } from '../../../engine/runs/run-ids.js';
import type { Logger } from '../../../engine/logger.js';
import type { AuditLimits } from '../../../engine/stores/audit-options.js';
import { BackgroundWork } from '../../../engine/util/background-work.js';
import { messageOf } from '../../../engine/util/inspect.js';
import { sql } from '../connection/kysely.js';
import type { SqlSession } from '../sql-session.js';

/** The limit may be passed by a tenth before the audit trail is pruned. */
const SLACK = 10;
/** How many rows one step looks at: SQLite holds up the whole process for as long. */
const STEP = 500;

/** Keeps the audit trail within its limits, in the background. It begins with the start of a node, whose limits may be lower than before. */
export class AuditPruner {
  /** How many entries were added here since it was pruned. */
  private added = 0;
  private isDue = true;
  private isFailing = false;
  private readonly work = new BackgroundWork(
    () => this.steps(),
    (error) => this.note(error),
  );

  constructor(
    private readonly session: SqlSession,
    private readonly limits: AuditLimits,
    private readonly logger: Logger,
    /** By the store's clock, as the ids of entries are made. */
    private readonly now: () => number,
  ) {}

  start(): void {
    this.work.start();
  }

  /** Counts entries, and begins to prune once there are enough of them. */
  add(count: number): void {
    this.added += count;
    this.isDue ||= this.added > this.limits.maxCount / SLACK;
    if (this.isDue) this.start();
  }

  /** The next start goes on with what is left. */
  stop(): Promise<void> {
    return this.work.stop();
  }

  private note(error: unknown): void {
    if (error !== null) {
      this.isDue = true;
      if (!this.isFailing) this.logger.warn(`The audit trail is not pruned to its limits: ${messageOf(error)}`);
    }
    this.isFailing = error !== null;
  }

  private async *steps(): AsyncGenerator<void> {
    while (this.isDue) {
      this.isDue = false;
      this.added = 0;
      const oldest = runIdAt(this.now() - this.limits.maxAgeMs);
      const end = yield* this.findEnd();
      yield* this.deleteUpTo(oldest > end ? oldest : end);
    }
  }

  /** The latest entry that is beyond the limit of their number; empty when there is none. */
  private async *findEnd(): AsyncGenerator<void, string> {
    const { audit, namespace } = this.session;
    let before = '~';
    for (let left = this.limits.maxCount; ;) {
      const offset = Math.min(left, STEP);
      const [found] = await this.session.read(sql<{ id: string }>`
        SELECT id FROM ${audit} WHERE namespace = ${namespace} AND id < ${before}
        ORDER BY id DESC LIMIT 1 OFFSET ${offset}
      `);
      if (!found || offset === left) return found?.id ?? '';
      yield;
      // It counts for the next step.
      left -= offset + 1;
      before = found.id;
    }
  }

  /** Deletes the oldest entries, up to an id. */
  private async *deleteUpTo(end: string): AsyncGenerator<void> {
    const { audit, namespace } = this.session;
    if (end === '') return;
    for (let found = STEP; found === STEP;) {
      const rows = await this.session.read(sql<{ id: string }>`
        SELECT id FROM ${audit} WHERE namespace = ${namespace} AND id <= ${end} ORDER BY id LIMIT ${STEP}
      `);
      found = rows.length;
      const ids = rows.map(({ id }) => id);
      if (found > 0) await this.session.change(this.session.deleteByIds(audit, ids));
      yield;
    }
  }
}
