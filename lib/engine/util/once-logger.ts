import type { Logger } from '../logger.js';

/** How many subjects are remembered; beyond, one may be logged again. */
const MAX_SUBJECTS = 1000;

/** Logs an error once for each subject. */
export class OnceLogger {
  private readonly seen = new Set<string>();

  constructor(private readonly logger: () => Logger | undefined) {}

  add(subject: string, message: string): void {
    if (this.seen.has(subject)) return;
    if (this.seen.size >= MAX_SUBJECTS) this.seen.clear();
    this.seen.add(subject);
    this.logger()?.error(message);
  }
}
