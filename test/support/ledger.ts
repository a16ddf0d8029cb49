import type { RunContext } from 'nestjs-apscheduler/engine';

/** A run, as recorded by the task itself. */
export interface LedgerLine {
  readonly jobId: string;
  readonly scheduledTime: number;
  readonly attempt: number;
  readonly node: string;
}

/** Records the calls of tasks on several nodes, for a test to count. */
export class Ledger {
  readonly lines: LedgerLine[] = [];
  private readonly readers = new Set<() => void>();

  write({ jobId, scheduledTime, attempt }: RunContext, node: string): void {
    this.lines.push({ jobId, scheduledTime, attempt, node });
    for (const reader of this.readers) reader();
  }

  /** Resolves when there are at least so many entries. */
  async reached(count: number): Promise<void> {
    if (this.lines.length >= count) return;
    await new Promise<void>((resolve) => {
      const read = (): void => {
        if (this.lines.length < count) return;
        this.readers.delete(read);
        resolve();
      };
      this.readers.add(read);
    });
  }

  /** Job, time and attempt of each entry; no two may be equal. */
  get slots(): readonly string[] {
    return this.lines.map(({ jobId, scheduledTime, attempt }) => `${jobId}@${scheduledTime}#${attempt}`);
  }
}
