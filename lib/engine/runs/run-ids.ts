import { randomBytes } from 'node:crypto';

const RUN_ID = /^[\da-f]{12,}-[\da-f]{8}$/;

/** Whether a text has the form of a run's id. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** Makes the ids of a node's runs: the time, a number, and what no other node has. As text they sort by time. */
export class RunIds {
  private readonly suffix = randomBytes(4).toString('hex');
  private count = 0;

  /** A number for a run; with its time it is unique on this node. */
  next(): number {
    return (this.count = (this.count + 1) & 0xffffff);
  }

  /** @param at - in epoch milliseconds. */
  idOf(at: number, number: number): string {
    const time = Math.max(0, at).toString(16).padStart(12, '0');
    return `${time}${number.toString(16).padStart(6, '0')}-${this.suffix}`;
  }
}
