/** What the audit trail records. */
export const AUDIT_ACTIONS = [
  'job.add',
  'job.replace',
  'job.modify',
  'job.pause',
  'job.resume',
  'job.run',
  'job.remove',
  'job.remove_all',
  'job.declare',
  'job.undeclare',
  'run.cancel',
  'run.remove',
  'scheduler.start',
  'scheduler.pause',
  'scheduler.resume',
  'scheduler.shutdown',
] as const;

/**
 * - `job.replace`: a definition with the same id took the job's place.
 * - `job.remove_all`: all jobs of a store were removed at once.
 * - `job.declare`: a declaration added the job, or changed it.
 * - `job.undeclare`: the job was removed because this release does not declare it (`prune`).
 */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One field that was changed. Values are plain JSON, without secrets. */
export interface AuditChange {
  /** As in `Job`: `misfireGraceTime`. */
  readonly field: string;
  /** Null where there was none. */
  readonly before: unknown;
  /** Null where there is none any more. */
  readonly after: unknown;
}

/** An entry of the audit trail, as a store keeps it. */
export interface AuditRecord {
  /** Ids sort by time. */
  readonly id: string;
  /** In epoch milliseconds, by the store's clock: the entries of nodes whose clocks differ are in one order. */
  readonly time: number;
  readonly action: AuditAction;
  /** Who did it, as the caller is named; null if no actor is named. */
  readonly actor: string | null;
  /** Null where it concerns no single job. */
  readonly jobId: string | null;
  /** Null where it concerns no run. */
  readonly runId: string | null;
  readonly changes: readonly AuditChange[];
  /** The name of the node that did it. */
  readonly node: string;
  /** The client's address; null for what was done in code. */
  readonly address: string | null;
  /** Why it was done, if somebody has said. */
  readonly note: string | null;
  /** The option `release` of that node; null if it has none. */
  readonly release: string | null;
}

/** An entry of the audit trail as users see it. */
export interface AuditEntry extends AuditRecord {
  /** The alias of the store that keeps it. */
  readonly jobStore: string;
}

/** Which entries {@link Scheduler.getAudit} answers, the latest first. */
export interface AuditQuery {
  jobId?: string;
  /** Only of this store. */
  jobStore?: string;
  actor?: string;
  /** One of these actions. */
  action?: AuditAction | readonly AuditAction[];
  /** Not before this: a Date, epoch milliseconds or ISO 8601 text. */
  from?: Date | number | string;
  /** Before this. */
  to?: Date | number | string;
  /** At most this many, 1 to 1000. @default 100 */
  limit?: number;
  /** Goes on after a page: its `nextCursor`. */
  cursor?: string;
}

/** Some entries of the audit trail, the latest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Asks for the page after this one; null when there is none. */
  readonly nextCursor: string | null;
}
