import { highestBit, lowestBit } from './bit-set.js';

/** A set of whole numbers below 64: a {@link BitSet} of two words, without anything between them and who asks. */
export class SmallSet {
  private low = 0;
  private high = 0;

  constructor(values: Iterable<number>) {
    for (const value of values) {
      if (value < 32) this.low |= 1 << value;
      else this.high |= 1 << (value - 32);
    }
  }

  has(value: number): boolean {
    const word = value < 32 ? this.low : this.high;
    return value >= 0 && value < 64 && ((word >>> (value & 31)) & 1) === 1;
  }

  /** The least member that is not less than `from`, which is not negative; -1 when there is none. */
  next(from: number): number {
    if (from < 32) {
      const word = this.low & (-1 << from);
      if (word !== 0) return lowestBit(word);
    }
    if (from > 63) return -1;
    const word = from < 32 ? this.high : this.high & (-1 << (from - 32));
    return word === 0 ? -1 : 32 + lowestBit(word);
  }

  /** The greatest member that is not greater than `from`, which is below 64; -1 when there is none. */
  previous(from: number): number {
    if (from > 31) {
      const word = this.high & (-1 >>> (63 - from));
      if (word !== 0) return 32 + highestBit(word);
    }
    if (from < 0) return -1;
    const word = from > 31 ? this.low : this.low & (-1 >>> (31 - from));
    return word === 0 ? -1 : highestBit(word);
  }
}
