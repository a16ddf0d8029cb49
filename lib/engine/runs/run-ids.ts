import { randomBytes } from 'node:crypto';

/** Three hexadecimal digits of each number below 4096: ids are made often, and digits are slow to print. */
const DIGITS = Array.from({ length: 4096 }, (_, number) => number.toString(16).padStart(3, '0'));

const SEPARATOR = '-';

const RUN_ID = /^[\da-f]{12,}-[\da-f]{8}$/;

/** Whether a text has the form of a run's id. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** Makes the ids of a node's runs: the time, a number, and what no other node has. As text they sort by time. */
export class RunIds {
  /** What no other node has: neither another one, nor this one's next scheduler. */
  readonly instance = randomBytes(4).toString('hex');
  private count = 0;
  private latest = -1;
  private latestText = '';

  /** A number for a run; with its time it is unique on this node. */
  next(): number {
    return (this.count = (this.count + 1) & 0xffffff);
  }

  /** @param at - in epoch milliseconds. */
  idOf(at: number, number: number): string {
    if (at !== this.latest) {
      this.latest = at;
      this.latestText = Math.max(0, at).toString(16).padStart(12, '0');
    }
    return this.latestText + DIGITS[number >> 12] + DIGITS[number & 0xfff] + SEPARATOR + this.instance;
  }
}
