/** A job that is in a store and cannot be read: another release has written it, or its record is damaged. It does not run. */
export interface UnreadableJob {
  readonly id: string;
  /** Why it cannot be read. */
  readonly problem: string;
  /** Its record as the store has it: columns, or texts. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** What of it could be read, as `exportJobs` writes jobs; nothing of it has been checked. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** The alias of the store that it is in; a store itself does not say. */
  readonly jobStore?: string;
}

/** Called with each job that a store has and cannot read. */
export type OnUnreadable = (job: UnreadableJob) => void;
