import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyData } from '../../../../lib/engine/util/copy-data.js';

class Money {
  constructor(public cents: number) {}
}

describe('A copy of plain data', () => {
  it('equals it, and shares no object with it', () =>
    fc.assert(
      fc.property(fc.object({ withDate: true, withMap: true, withSet: true, withTypedArray: true }), (value) => {
        const copy = copyData(value);
        expect(copy).toEqual(value);
        for (const [key, member] of Object.entries(value)) {
          if (typeof member === 'object' && member !== null) expect(copy[key]).not.toBe(member);
        }
      }),
    ));

  it('keeps references within it, to itself too', () => {
    const shared = { n: 1 };
    const value: Record<string, unknown> = { a: shared, b: [shared], m: new Map([[shared, shared]]) };
    value['self'] = value;
    const copy = copyData(value) as { a: object; b: object[]; m: Map<object, object>; self: object };
    expect(copy.self).toBe(copy);
    expect(copy.a).not.toBe(shared);
    expect(copy.b[0]).toBe(copy.a);
    expect(copy.m.get(copy.a)).toBe(copy.a);
  });

  it('has bytes of its own', () => {
    const bytes = Buffer.from('abc');
    const copy = copyData({ bytes, view: new DataView(new ArrayBuffer(2)), buffer: new ArrayBuffer(1) });
    copy.bytes[0] = 0;
    copy.view.setInt8(0, 7);
    expect(bytes.toString()).toBe('abc');
    expect(Buffer.isBuffer(copy.bytes)).toBe(true);
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('shares functions and instances of classes', () => {
    const value = { money: new Money(1), call: () => 1, error: new Error('x') };
    const copy = copyData(value);
    expect(copy.money).toBe(value.money);
    expect(copy.call).toBe(value.call);
    expect(copy.error).toBe(value.error);
  });

  it('takes a member named __proto__ for data', () => {
    const copy = copyData(JSON.parse('{"__proto__":{"admin":true}}') as object);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true}}');
  });
});
