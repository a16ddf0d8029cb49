import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { InvalidInputError } from '../engine/errors.js';

/*
 * A hash is written `scrypt:N:r:p:salt:key`: scrypt's cost, block size and parallelization, then the salt and the derived key
 * in base64url. Colons, since `$` is expanded in .env and compose files.
 */

export interface PasswordHash {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

const FORM = /^scrypt:(\d{1,9}):(\d{1,3}):(\d{1,3}):([\w-]{11,86}):([\w-]{43,86})$/;

/** One of the settings that OWASP recommends: 32 MiB, about 0.2 s. */
const DEFAULTS = { cost: 2 ** 15, blockSize: 8, parallelization: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const MIN_COST = 2 ** 14;
const MAX_MEMORY = 256 * 2 ** 20;
const MAX_PARALLELIZATION = 16;

/**
 * Hashes a password for `auth: { users: [...] }`.
 *
 * @throws InvalidInputError when it is empty.
 *
 * @example
 * await hashPassword('correct horse'); // 'scrypt:32768:8:3:<salt>:<key>'
 */
export async function hashPassword(password: string): Promise<string> {
  if (typeof password !== 'string' || password === '') {
    throw new InvalidInputError('Cannot hash', [{ field: 'password', problem: 'must be a non-empty string' }]);
  }
  const { cost, blockSize, parallelization } = DEFAULTS;
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, { ...DEFAULTS, salt, key: Buffer.alloc(KEY_BYTES) });
  const [saltText, keyText] = [salt, key].map((bytes) => bytes.toString('base64url'));
  return `scrypt:${cost}:${blockSize}:${parallelization}:${saltText}:${keyText}`;
}

/** Reads a hash; undefined when it has another form, is too cheap to guess or too expensive to check. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, cost, blockSize, parallelization, salt = '', key = ''] = FORM.exec(text) ?? [];
  const hash = {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
  const isUsable =
    hash.cost >= MIN_COST &&
    Number.isInteger(Math.log2(hash.cost)) &&
    hash.blockSize >= 8 &&
    memoryOf(hash) <= MAX_MEMORY &&
    hash.parallelization >= 1 &&
    hash.parallelization <= MAX_PARALLELIZATION;
  return isUsable ? hash : undefined;
}

/** Whether a password has this hash. */
export async function matchesHash(password: string, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.key);
}

function derive(password: string, hash: PasswordHash): Promise<Buffer> {
  const { cost, blockSize, parallelization, salt, key } = hash;
  // Node.js refuses what takes more, and counts somewhat more than scrypt's own formula.
  const maxmem = 2 * memoryOf(hash);
  return new Promise((resolve, reject) => {
    scrypt(password, salt, key.length, { cost, blockSize, parallelization, maxmem }, (error, derived) => {
      if (error) reject(error);
      else resolve(derived);
    });
  });
}

/** In bytes. */
const memoryOf = ({ cost, blockSize, parallelization }: PasswordHash): number =>
  128 * blockSize * (cost + parallelization);
