import { expect, it } from 'vitest';
import { BoundedCache } from '../../../../lib/engine/util/bounded-cache.js';

it('A bounded cache makes a value once, and forgets the oldest when it is full', () => {
  const cache = new BoundedCache<string, { key: string }>(2);
  const make = (key: string) => () => ({ key });
  const first = cache.getOrMake('a', make('a'));
  expect(cache.getOrMake('a', make('a'))).toBe(first);
  cache.getOrMake('b', make('b'));
  cache.set('b', { key: 'again' });
  expect(cache.get('a')).toBe(first);
  cache.getOrMake('c', make('c'));
  expect(['a', 'b', 'c'].map((key) => cache.get(key)?.key)).toEqual([undefined, 'again', 'c']);
});
