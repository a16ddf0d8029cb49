/** The most that goes into one statement or script. */
export interface ChunkBounds {
  readonly items: number;
  readonly bytes: number;
}

/** Parts of a list, in order, each of at most so many items. */
export function inChunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  return inWeighedChunks(items, { items: size, bytes: Infinity }, () => 0);
}

/** Parts of a list, in order, within bounds. An item that is too large alone is a part of its own. */
export function* inWeighedChunks<T>(
  items: readonly T[],
  bounds: ChunkBounds,
  bytesOf: (item: T) => number,
): Generator<readonly T[]> {
  let from = 0;
  let bytes = 0;
  for (const [at, item] of items.entries()) {
    const size = bytesOf(item);
    if (at > from && (at - from >= bounds.items || bytes + size > bounds.bytes)) {
      yield items.slice(from, at);
      from = at;
      bytes = 0;
    }
    bytes += size;
  }
  if (items.length > from) yield from === 0 ? items : items.slice(from);
}
