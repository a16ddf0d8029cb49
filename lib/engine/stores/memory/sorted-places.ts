import { comparePlaces, type JobPlace } from '../job-search.js';

/** A block with more places than this is split in two. */
const BLOCK_SIZE = 512;
/** How many places are sorted, or merged, before others have their turn: about a millisecond. */
const SORTED_AT_ONCE = 1000;
const MERGED_AT_ONCE = 4000;

/** Places in ascending order, in blocks: to add or remove one moves no more than a block. Equal ones are kept apart as objects. */
export class SortedPlaces<P extends JobPlace> {
  /** None of them is empty. */
  private readonly blocks: P[][] = [];

  /** Takes places over that are in order. */
  fill(sorted: readonly P[]): void {
    this.blocks.length = 0;
    const size = BLOCK_SIZE / 2;
    for (let from = 0; from < sorted.length; from += size) this.blocks.push(sorted.slice(from, from + size));
  }

  add(place: P): void {
    const { blocks } = this;
    const { at, index } = this.seek((other) => comparePlaces(other, place) < 0);
    const block = blocks[at];
    if (block === undefined) {
      blocks.push([place]);
      return;
    }
    block.splice(index, 0, place);
    if (block.length > BLOCK_SIZE) blocks.splice(at + 1, 0, block.splice(block.length >> 1));
  }

  remove(place: P): void {
    const { blocks } = this;
    let { at, index } = this.seek((other) => comparePlaces(other, place) < 0);
    for (let block = blocks[at]; block !== undefined; block = blocks[++at]) {
      index = block.indexOf(place, index);
      if (index >= 0) {
        block.splice(index, 1);
        if (block.length === 0) blocks.splice(at, 1);
        return;
      }
      index = 0;
    }
  }

  /** The places from one on, itself included, or all of them. They must not change before the last one is taken. */
  *from(start: JobPlace | undefined, descending: boolean): Generator<P, void, void> {
    const { blocks } = this;
    if (descending) {
      let { at, index } = this.seek((other) => !start || comparePlaces(other, start) <= 0);
      for (; blocks[at] !== undefined; index = blocks[--at]?.length ?? 0) {
        while (index > 0) yield (blocks[at] as P[])[--index] as P;
      }
    } else {
      let { at, index } = this.seek((other) => start !== undefined && comparePlaces(other, start) < 0);
      for (let block = blocks[at]; block !== undefined; block = blocks[++at], index = 0) {
        for (; index < block.length; index++) yield block[index] as P;
      }
    }
  }

  /** Behind the places that a test applies to: no place behind another may do so unless that one does. */
  private seek(isBefore: (place: P) => boolean): { at: number; index: number } {
    const { blocks } = this;
    const at = Math.max(0, countWhile(blocks, (block) => isBefore(block[0] as P)) - 1);
    return { at, index: countWhile(blocks[at] ?? [], isBefore) };
  }
}

/** How many items a test applies to, which are the first ones. */
function countWhile<T>(items: readonly T[], test: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sorts any number of places a few at a time. @param pause - lets others have their turn. */
export async function sortPlaces<P extends JobPlace>(places: P[], pause: () => Promise<void>): Promise<readonly P[]> {
  let sorted = places;
  let merged: P[] = [];
  for (let from = 0; from < places.length; from += SORTED_AT_ONCE) {
    for (const place of places.slice(from, from + SORTED_AT_ONCE).sort(comparePlaces)) merged.push(place);
    await pause();
  }
  for (let size = SORTED_AT_ONCE; size < places.length; size *= 2) {
    // Two lists take turns: fresh ones would keep the garbage collector busy.
    [sorted, merged] = [merged, sorted];
    let count = 0;
    for (let from = 0; from < sorted.length; from += 2 * size) {
      const [middle, end] = [Math.min(from + size, sorted.length), Math.min(from + 2 * size, sorted.length)];
      for (let [i, j] = [from, middle]; i < middle || j < end;) {
        const isFirst = j >= end || (i < middle && comparePlaces(sorted[i] as P, sorted[j] as P) <= 0);
        merged[count++] = sorted[isFirst ? i++ : j++] as P;
        if (count % MERGED_AT_ONCE === 0) await pause();
      }
    }
  }
  return merged;
}
