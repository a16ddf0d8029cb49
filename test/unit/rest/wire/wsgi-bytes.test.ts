import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToWsgi, wsgiToBytes } from '../../../../lib/rest/wire/wsgi-bytes.js';

describe('bytesToWsgi and wsgiToBytes', () => {
  it('turn a byte into a character and back', () => {
    expect(bytesToWsgi(Buffer.from([0x74, 0xeb, 0x00, 0xff]))).toBe('të\0ÿ');
    expect([...wsgiToBytes('të\0ÿ')]).toEqual([0x74, 0xeb, 0x00, 0xff]);
  });

  it('are the inverse of each other', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...wsgiToBytes(bytesToWsgi(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it('looks at the bytes of a view only', () => {
    expect(bytesToWsgi(new Uint8Array([97, 98, 99, 100]).subarray(1, 3))).toBe('bc');
  });

  it('returns bytes as they are', () => {
    const bytes = Buffer.from('x');
    expect(wsgiToBytes(bytes)).toBe(bytes);
  });

  it('refuses what is no byte, and what are no bytes', () => {
    expect(() => wsgiToBytes('€')).toThrow('"€" is not a latin1 character');
    expect(() => bytesToWsgi('text' as unknown as Uint8Array)).toThrow('must be bytes, got string');
  });
});
