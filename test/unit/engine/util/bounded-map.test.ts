import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../../../lib/engine/util/bounded-map.js';

describe('A bounded map', () => {
  it('evicts what was used longest ago once it has too many entries', () => {
    const map = new BoundedMap<string, number>({ entries: 2, weight: Infinity });
    map.set('a', 1, 1);
    map.set('b', 2, 1);
    map.get('a');
    map.set('c', 3, 1);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  });

  it('evicts as many entries as must go once they weigh too much', () => {
    const map = new BoundedMap<string, string>({ entries: 100, weight: 10 });
    for (const key of ['a', 'b', 'c']) map.set(key, key, 3);
    map.set('d', 'd', 7);
    expect([map.get('a'), map.get('b'), map.get('c'), map.get('d')]).toEqual([undefined, undefined, 'c', 'd']);
    expect([map.size, map.weight]).toEqual([2, 10]);
  });

  it('keeps nothing that is too heavy alone, nor what it replaces', () => {
    const map = new BoundedMap<string, number>({ entries: 100, weight: 10 });
    map.set('a', 1, 1);
    map.set('b', 2, 1);
    map.set('a', 3, 11);
    expect([map.get('a'), map.get('b'), map.weight]).toEqual([undefined, 2, 1]);
  });

  it('weighs nothing once everything was deleted', () => {
    const map = new BoundedMap<string, number>({ entries: 100, weight: 10 });
    map.set('a', 1, 4);
    map.set('a', 1, 5);
    map.set('b', 1, 5);
    map.delete('a');
    expect(map.weight).toBe(5);
    map.clear();
    expect([map.size, map.weight]).toEqual([0, 0]);
  });
});
