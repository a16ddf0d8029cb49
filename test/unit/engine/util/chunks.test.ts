import { describe, expect, it } from 'vitest';
import { inChunks, inWeighedChunks } from '../../../../lib/engine/util/chunks.js';

describe('Parts of a list', () => {
  it('have at most so many items, and are all of it in order', () => {
    expect([...inChunks([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
    expect([...inChunks([1, 2], 2)]).toEqual([[1, 2]]);
    expect([...inChunks([], 2)]).toEqual([]);
  });

  it('have at most so many bytes, save for an item that is larger alone', () => {
    const bounds = { items: 10, bytes: 10 };
    expect([...inWeighedChunks([4, 6, 1, 99, 1, 1], bounds, (size) => size)]).toEqual([[4, 6], [1], [99], [1, 1]]);
  });
});
