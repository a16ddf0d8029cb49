import { randomBytes } from 'node:crypto';

/** The three hexadecimal digits of each number below 4096: ids are made often, and formatting digits is slow. */
const DIGITS = Array.from({ length: 4096 }, (_, number) => number.toString(16).padStart(3, '0'));

const SEPARATOR = '-';

const RUN_ID = /^[\da-f]{12,}-[\da-f]{8}$/;

/** Whether a text has the form of a run's id. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** What ids made at a time (epoch milliseconds) or later sort after, and earlier ones before. */
export function runIdAt(time: number): string {
  return timePart(Math.trunc(time));
}

const timePart = (time: number): string => Math.max(0, time).toString(16).padStart(12, '0');

/** Generates the ids of a node's runs: the time, a number, and a suffix unique to the scheduler. As text they sort by time. */
export class RunIds {
  /** Unique to this scheduler: neither another node nor this node's next scheduler has it. */
  readonly instance = randomBytes(4).toString('hex');
  private count = 0;
  /** The prefix of the latest id, and the values it was made of. */
  private head = '';
  private headAt = -1;
  private headNumber = -1;
  /** The suffixes of ids, by the last digits of their numbers. */
  private readonly tails: (string | undefined)[] = [];

  /** A number for a run; unique on this node together with its time. */
  next(): number {
    return (this.count = (this.count + 1) & 0xffffff);
  }

  /** @param at - in epoch milliseconds. */
  idOf(at: number, number: number): string {
    const [high, low] = [number >> 12, number & 0xfff];
    if (at !== this.headAt || high !== this.headNumber) {
      this.headAt = at;
      this.headNumber = high;
      this.head = timePart(at) + DIGITS[high];
    }
    // A single string concatenation per id: ids are made for every event.
    return this.head + (this.tails[low] ??= DIGITS[low] + SEPARATOR + this.instance);
  }
}
