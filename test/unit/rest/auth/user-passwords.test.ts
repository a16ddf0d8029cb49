import { HttpException } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../lib/engine/clock.js';
import type { PasswordHash } from '../../../../lib/module/password-hash.js';
import { UserPasswords } from '../../../../lib/rest/auth/user-passwords.js';

const KEY = 'A'.repeat(43);
const hashOf = (salt: string, cost = 16_384): string =>
  `scrypt:${cost}:8:1:${Buffer.from(salt.padEnd(16, '.')).toString('base64url')}:${KEY}`;

const USERS = [
  { username: 'ann', passwordHash: hashOf('ann'), can: 'all' },
  { username: 'bob', passwordHash: hashOf('bob', 32_768), can: 'read' },
] as const;

/** A check that a test ends. */
interface Check {
  readonly password: string;
  readonly hash: PasswordHash;
  readonly end: (matches: boolean) => void;
}

describe('UserPasswords', () => {
  let clock: ManualClock;
  let checks: Check[];
  let passwords: UserPasswords;

  beforeEach(() => {
    clock = new ManualClock(0);
    checks = [];
    passwords = new UserPasswords(USERS, clock, (password, hash) => {
      return new Promise<boolean>((end) => checks.push({ password, hash, end }));
    });
  });

  const ask = (username: string, password: string, network = '10.0.0.1'): Promise<boolean> =>
    passwords.isRight({ type: 'basic', username, password }, network);

  /** Lets everything happen that does not wait for a check. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  async function askAndEnd(username: string, password: string, matches: boolean): Promise<boolean> {
    const answer = ask(username, password);
    await settle();
    checks.at(-1)?.end(matches);
    return answer;
  }

  it('checks a password by the hash of its user', async () => {
    expect(await askAndEnd('bob', 'p', true)).toBe(true);
    expect(checks).toMatchObject([{ password: 'p', hash: { cost: 32_768 } }]);
    expect(await askAndEnd('bob', 'q', false)).toBe(false);
  });

  it('remembers a right password for a minute, and only that one', async () => {
    await askAndEnd('ann', 'p', true);
    expect(await ask('ann', 'p')).toBe(true);
    expect(checks).toHaveLength(1);
    expect(await askAndEnd('ann', 'wrong', false)).toBe(false);
    expect(await askAndEnd('bob', 'p', false)).toBe(false);
    expect(await ask('ann', 'p')).toBe(true);
    await clock.advance('1m');
    expect(await askAndEnd('ann', 'p', false)).toBe(false);
    expect(checks).toHaveLength(4);
  });

  it('never remembers a wrong password', async () => {
    await askAndEnd('ann', 'wrong', false);
    await askAndEnd('ann', 'wrong', false);
    expect(checks).toHaveLength(2);
  });

  it('checks for a user that does not exist, too, always by the same hash, and refuses whatever comes of it', async () => {
    const costs = new Map<string, Set<number>>();
    for (let index = 0; index < 60; index++) {
      const name = `user-${index % 20}`;
      expect(await askAndEnd(name, `p${index}`, true)).toBe(false);
      costs.set(name, (costs.get(name) ?? new Set()).add(checks.at(-1)?.hash.cost ?? 0));
    }
    expect(checks).toHaveLength(60);
    expect([...costs.values()].every(({ size }) => size === 1)).toBe(true);
    // Names that do not exist cost as different users do.
    expect(new Set([...costs.values()].flatMap((set) => [...set]))).toEqual(new Set([16_384, 32_768]));
  });

  it('checks the password of several requests at once only once', async () => {
    const answers = [ask('ann', 'p'), ask('ann', 'p', '10.0.0.2'), ask('ann', 'p')];
    await settle();
    expect(checks).toHaveLength(1);
    checks[0]?.end(true);
    expect(await Promise.all(answers)).toEqual([true, true, true]);
  });

  it('checks two passwords at a time, and the others in their order', async () => {
    const answers = Promise.all(['a', 'b', 'c', 'd'].map((password) => ask('ann', password)));
    await settle();
    expect(checks.map(({ password }) => password)).toEqual(['a', 'b']);
    checks[1]?.end(false);
    await settle();
    expect(checks.map(({ password }) => password)).toEqual(['a', 'b', 'c']);
    checks[0]?.end(false);
    checks[2]?.end(true);
    await settle();
    checks[3]?.end(false);
    expect(await answers).toEqual([false, false, true, false]);
  });

  it('refuses more than 20 checks of one network at a time, and still answers others', async () => {
    await askAndEnd('ann', 'right', true);
    const guesses = Array.from({ length: 20 }, (_, index) => ask('ann', `guess ${index}`));
    await expect(ask('ann', 'one more')).rejects.toThrow(HttpException);
    await expect(ask('ann', 'one more')).rejects.toMatchObject({ status: 429 });
    expect(await ask('ann', 'right')).toBe(true);
    const other = ask('bob', 'p', '10.0.0.2');
    for (let ended = 1; ended < 22; ended++) {
      await settle();
      checks[ended]?.end(checks[ended]?.password === 'p');
    }
    expect(await other).toBe(true);
    expect(await Promise.all(guesses)).toEqual(guesses.map(() => false));
    expect(await askAndEnd('ann', 'one more', false)).toBe(false);
  });

  it('refuses more than 200 checks in all, wherever they come from', async () => {
    const guesses = Array.from({ length: 200 }, (_, index) => ask('ann', `guess ${index}`, `10.0.1.${index}`));
    await expect(ask('ann', 'one more', '10.0.2.1')).rejects.toMatchObject({ status: 429 });
    for (let ended = 0; ended < 200; ended++) {
      await settle();
      checks[ended]?.end(false);
    }
    expect(await Promise.all(guesses)).toEqual(guesses.map(() => false));
  });

  it('goes on after a check that fails', async () => {
    const failing = new UserPasswords(USERS, clock, () => Promise.reject(new Error('out of memory')));
    const once = (): Promise<boolean> => failing.isRight({ type: 'basic', username: 'ann', password: 'p' }, 'x');
    for (let times = 0; times < 25; times++) await expect(once()).rejects.toThrow('out of memory');
  });
});
