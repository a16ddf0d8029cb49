/** A set of small whole numbers that answers "the next one from here" in a few machine steps. */
export class BitSet {
  private readonly words: Int32Array;

  /** @param size - one more than the greatest number that it can hold. */
  constructor(size: number, values: Iterable<number> = []) {
    this.words = new Int32Array((size + 31) >> 5);
    for (const value of values) this.add(value);
  }

  add(value: number): void {
    this.words[value >> 5] = (this.words[value >> 5] ?? 0) | (1 << (value & 31));
  }

  has(value: number): boolean {
    return (((this.words[value >> 5] ?? 0) >>> (value & 31)) & 1) === 1;
  }

  /** The least member that is not less than `from`; -1 when there is none. */
  next(from: number): number {
    const { words } = this;
    let index = from >> 5;
    if (index >= words.length) return -1;
    let word = (words[index] ?? 0) & (-1 << (from & 31));
    while (word === 0) {
      if (++index >= words.length) return -1;
      word = words[index] ?? 0;
    }
    return (index << 5) + lowestBit(word);
  }

  /** The greatest member that is not greater than `from`; -1 when there is none. */
  previous(from: number): number {
    if (from < 0) return -1;
    const { words } = this;
    let index = from >> 5;
    let word = (words[index] ?? 0) & (-1 >>> (31 - (from & 31)));
    while (word === 0) {
      if (--index < 0) return -1;
      word = words[index] ?? 0;
    }
    return (index << 5) + highestBit(word);
  }
}

/** The place of the lowest bit of a word that is not 0. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The place of the highest bit of a word that is not 0. */
export function highestBit(word: number): number {
  return 31 - Math.clz32(word);
}
