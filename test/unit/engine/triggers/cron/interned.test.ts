import { describe, expect, it, vi } from 'vitest';
import { Interned } from '../../../../../lib/engine/triggers/cron/interned.js';

describe('Interned', () => {
  it('makes a value once and shares it under its key', () => {
    const interned = new Interned<{ key: string }>();
    const make = vi.fn<() => { key: string }>(() => ({ key: 'a' }));
    const first = interned.get('a', make);
    expect(interned.get('a', make)).toBe(first);
    expect(make).toHaveBeenCalledTimes(1);
    expect(interned.get('b', () => ({ key: 'b' }))).toEqual({ key: 'b' });
  });

  it('keeps nothing of a value that could not be made', () => {
    const interned = new Interned<{ key: string }>();
    const fail = (): never => {
      throw new Error('no');
    };
    expect(() => interned.get('a', fail)).toThrow('no');
    expect(interned.get('a', () => ({ key: 'a' }))).toEqual({ key: 'a' });
  });
});
