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
  /** The beginning of the latest id, and of what it was made. */
  private head = '';
  private headAt = -1;
  private headNumber = -1;
  /** How ids end, by the last digits of their numbers. */
  private readonly tails: (string | undefined)[] = [];

  /** A number for a run; with its time it is unique on this node. */
  next(): number {
    return (this.count = (this.count + 1) & 0xffffff);
  }

  /** @param at - in epoch milliseconds. */
  idOf(at: number, number: number): string {
    const [high, low] = [number >> 12, number & 0xfff];
    if (at !== this.headAt || high !== this.headNumber) {
      this.headAt = at;
      this.headNumber = high;
      this.head = Math.max(0, at).toString(16).padStart(12, '0') + DIGITS[high];
    }
    // One string is joined for each id, and no more: ids are made for every event.
    return this.head + (this.tails[low] ??= DIGITS[low] + SEPARATOR + this.instance);
  }
}
