/** A run that is in a store and cannot be read: another release has written it, or its record is damaged. */
export interface UnreadableRun {
  readonly id: string;
  /** Null where its record does not say. */
  readonly jobId: string | null;
  /** Why it cannot be read. */
  readonly problem: string;
  /** Its record as the store has it: columns, or a text. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** The alias of the store that it is in; a store itself does not say. */
  readonly jobStore?: string;
}

/** Called with each run that a store has and cannot read. */
export type OnUnreadableRun = (run: UnreadableRun) => void;
