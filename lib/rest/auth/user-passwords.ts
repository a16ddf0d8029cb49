import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HttpException, HttpStatus } from '@nestjs/common';
import type { Clock } from '../../engine/clock.js';
import { ConfigurationError } from '../../engine/errors.js';
import { matchesHash, parsePasswordHash, type PasswordHash } from '../../module/password-hash.js';
import type { AuthorizationData, BasicUser } from '../../module/scheduler-options.js';

/** Each check keeps one of the four threads busy that Node.js has for files, DNS and compression, too. */
const MAX_ACTIVE = 2;
/** How many checks may wait, from one network and in all. */
const MAX_PER_NETWORK = 20;
const MAX_IN_ALL = 200;
/** For how long a right password is recognized without another check. */
const REMEMBERED_MS = 60_000;

/**
 * Checks the passwords of `auth.users`, which is slow on purpose. A right password is remembered for a minute as a digest
 * under a key of this process. How many are checked, and wait for it, is bounded. A user that does not exist takes as long
 * as one that does.
 */
export class UserPasswords {
  private readonly key = randomBytes(32);
  private readonly hashes: ReadonlyMap<string, PasswordHash>;
  private readonly remembered = new Map<string, { readonly digest: Buffer; readonly at: number }>();
  private readonly underWay = new Map<string, Promise<boolean>>();
  private readonly byNetwork = new Map<string, number>();
  private readonly waiting: (() => void)[] = [];
  private active = 0;

  constructor(
    users: readonly BasicUser[],
    private readonly clock: Clock,
    private readonly matches: typeof matchesHash = matchesHash,
  ) {
    this.hashes = new Map(users.map(({ username, passwordHash }) => [username, parse(passwordHash)]));
  }

  /**
   * Whether a user of this name has this password.
   *
   * @param network - who asks.
   * @throws HttpException (429) when too many checks wait.
   */
  async isRight({ username, password }: AuthorizationData, network: string): Promise<boolean> {
    // A name has no colon.
    const digest = createHmac('sha256', this.key).update(`${username}:${password}`, 'utf8').digest();
    if (this.remembers(username, digest)) return true;
    // A page sends several requests at once: they share one check.
    const id = digest.toString('base64');
    const known = this.underWay.get(id);
    if (known) return known;
    const check = this.check(username, password, network).finally(() => this.underWay.delete(id));
    this.underWay.set(id, check);
    const isRight = await check;
    if (isRight) this.remembered.set(username, { digest, at: this.clock.now() });
    return isRight;
  }

  private remembers(username: string, digest: Buffer): boolean {
    const known = this.remembered.get(username);
    const age = known ? this.clock.now() - known.at : Infinity;
    return known !== undefined && age >= 0 && age < REMEMBERED_MS && timingSafeEqual(known.digest, digest);
  }

  private async check(username: string, password: string, network: string): Promise<boolean> {
    const ofNetwork = this.byNetwork.get(network) ?? 0;
    if (ofNetwork >= MAX_PER_NETWORK || this.underWay.size >= MAX_IN_ALL) {
      throw new HttpException('Too many passwords to check; try again later', HttpStatus.TOO_MANY_REQUESTS);
    }
    this.byNetwork.set(network, ofNetwork + 1);
    try {
      const hash = this.hashes.get(username);
      const matches = await this.inTurn(() => this.matches(password, hash ?? this.decoyFor(username)));
      return matches && hash !== undefined;
    } finally {
      const left = (this.byNetwork.get(network) ?? 1) - 1;
      if (left > 0) this.byNetwork.set(network, left);
      else this.byNetwork.delete(network);
    }
  }

  /** Some user's hash, always the same for a name: hashes that cost differently must not tell which names exist. */
  private decoyFor(username: string): PasswordHash {
    const hashes = [...this.hashes.values()];
    const place = createHmac('sha256', this.key).update(username, 'utf8').digest().readUInt32BE() % hashes.length;
    return hashes[place] as PasswordHash;
  }

  private async inTurn(check: () => Promise<boolean>): Promise<boolean> {
    if (this.active < MAX_ACTIVE) this.active++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await check();
    } finally {
      const next = this.waiting.shift();
      // The turn goes over to the next.
      if (next) next();
      else this.active--;
    }
  }
}

function parse(passwordHash: string): PasswordHash {
  const hash = parsePasswordHash(passwordHash);
  if (!hash) throw new ConfigurationError('A passwordHash is not what hashPassword() answers');
  return hash;
}
