import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  type CipherGCM,
  type KeyObject,
} from 'node:crypto';
import { MetaRow } from '../meta-row.js';
import { isPlainObject } from '../../../engine/is-plain-object.js';
import { MAX_ID_LENGTH } from '../../../engine/job-options.js';
import type { AnnouncedJob } from '../jobs/job-row.js';
import type { SqlSession } from '../sql-session.js';

/** The name of the row in the table of what is known of a namespace. */
const KEY_ROW = 'notice_key';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** As long as a column of its type may be. */
const MAX_UID_LENGTH = 32;

interface Cipher {
  readonly nonce: Buffer;
  readonly cipher: CipherGCM;
}

/**
 * Seals what is told of a job. Whoever may connect to a database of PostgreSQL may listen to all that is told there, and tell
 * things too; what jobs are is for those only who may read the tables. It is believed only where the job's row says the same.
 */
export class JobSeal {
  private readonly key: KeyObject;
  /** For the next job: to make one takes as long as to use it. */
  private ready: Cipher | null = null;

  private constructor(key: Buffer) {
    this.key = createSecretKey(key);
  }

  /** By the key of a namespace, which the first that asks for it makes; null when what stands there is none. */
  static async of(session: SqlSession): Promise<JobSeal | null> {
    const key = Buffer.from(await keyIn(session), 'base64');
    return key.length === KEY_BYTES ? new JobSeal(key) : null;
  }

  close(job: AnnouncedJob): string {
    const { nonce, cipher } = this.ready ?? this.makeCipher();
    // Each is for one only.
    this.ready = null;
    const text = [cipher.update(JSON.stringify(job), 'utf8'), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...text]).toString('base64');
  }

  /** Makes ready for the next job, while nobody waits for it. */
  makeReady(): void {
    this.ready ??= this.makeCipher();
  }

  private makeCipher(): Cipher {
    const nonce = randomBytes(NONCE_BYTES);
    return { nonce, cipher: createCipheriv(CIPHER, this.key, nonce) };
  }

  /** Null when it was not closed by this key, or is no job. */
  open(sealed: string): AnnouncedJob | null {
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const text = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv(CIPHER, this.key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const job: unknown = JSON.parse(decipher.update(text, undefined, 'utf8') + decipher.final('utf8'));
      return isAnnouncedJob(job) ? job : null;
    } catch {
      return null;
    }
  }
}

/** What a database could not read must not come to it: it would be asked in vain. */
function isAnnouncedJob(value: unknown): value is AnnouncedJob {
  if (!isPlainObject(value)) return false;
  const { id, uid, task, executor, spec, fireTime, nominalTime } = value;
  const isText = (one: unknown): one is string => typeof one === 'string' && !one.includes('\0');
  const fits = (one: unknown, most: number): boolean => isText(one) && one.length <= most;
  const isRead = fits(id, MAX_ID_LENGTH) && fits(uid, MAX_UID_LENGTH) && [task, executor, spec].every(isText);
  return isRead && [fireTime, nominalTime].every(Number.isSafeInteger);
}

/** The key in its row; what no node has made yet, this one makes. */
async function keyIn(session: SqlSession): Promise<string> {
  const row = new MetaRow(session, KEY_ROW);
  const [there] = await session.read(row.select());
  if (there) return there.value;
  await session.change(row.insert(randomBytes(KEY_BYTES).toString('base64')));
  const [made] = await session.read(row.select());
  return made?.value ?? '';
}
