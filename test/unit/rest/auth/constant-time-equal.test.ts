import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantTimeEqual } from '../../../../lib/rest/auth/constant-time-equal.js';

describe('constantTimeEqual', () => {
  it('agrees with === on well-formed text, whatever the lengths', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(constantTimeEqual(a, b)).toBe(a === b);
      }),
    );
    fc.assert(
      fc.property(text, (a) => {
        expect(constantTimeEqual(a, a)).toBe(true);
      }),
    );
  });

  it('tells a prefix from the whole', () => {
    expect(constantTimeEqual('secret', 'secre')).toBe(false);
    expect(constantTimeEqual('', 'secret')).toBe(false);
  });
});
