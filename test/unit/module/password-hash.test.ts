import { describe, expect, it } from 'vitest';
import { hashPassword, matchesHash, parsePasswordHash } from '../../../lib/module/password-hash.js';

const SALT = Buffer.from('SodiumChloride').toString('base64url');
const KEY = Buffer.from(
  '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
    'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
  'hex',
).toString('base64url');

describe('A password hash', () => {
  it('is matched by its password, and by no other', async () => {
    const hash = parsePasswordHash(await hashPassword('pässwörd'));
    expect(hash && (await matchesHash('pässwörd', hash))).toBe(true);
    expect(hash && (await matchesHash('password', hash))).toBe(false);
  });

  it('has a salt of its own', async () => {
    const [one, other] = [await hashPassword('p'), await hashPassword('p')];
    expect(one).toMatch(/^scrypt:32768:8:3:[\w-]{22}:[\w-]{43}$/);
    expect(other).not.toBe(one);
  });

  it('is scrypt, by the test vector of RFC 7914', async () => {
    const hash = parsePasswordHash(`scrypt:16384:8:1:${SALT}:${KEY}`);
    expect(hash && (await matchesHash('pleaseletmein', hash))).toBe(true);
  });

  it.each([
    ['is empty', ''],
    ['is a password', 'secret'],
    ['is by another function', `bcrypt:16384:8:1:${SALT}:${KEY}`],
    ['lacks a part', `scrypt:16384:8:${SALT}:${KEY}`],
    ['is cheap to guess', `scrypt:8192:8:1:${SALT}:${KEY}`],
    ['has a cost that is no power of two', `scrypt:16385:8:1:${SALT}:${KEY}`],
    ['takes more than 256 MiB', `scrypt:524288:8:1:${SALT}:${KEY}`],
    ['takes very long', `scrypt:16384:8:17:${SALT}:${KEY}`],
    ['has no parallelization', `scrypt:16384:8:0:${SALT}:${KEY}`],
    ['has a short salt', `scrypt:16384:8:1:c2FsdA:${KEY}`],
    ['has a short key', `scrypt:16384:8:1:${SALT}:c2hvcnQ`],
    ['is followed by something', `scrypt:16384:8:1:${SALT}:${KEY}\n`],
  ])('is refused when it %s', (_, text) => {
    expect(parsePasswordHash(text)).toBeUndefined();
  });

  it.each(['', undefined, 5])('is not made of %j', async (password) => {
    await expect(hashPassword(password as string)).rejects.toThrow('password must be a non-empty string');
  });
});
