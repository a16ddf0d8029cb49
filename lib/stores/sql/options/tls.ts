import { InvalidInputError } from '../../../engine/errors.js';

/** How a connection to MariaDB or MySQL is encrypted, as mysql2 takes it; files are named, not read yet. */
export interface MysqlTls {
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
  /** Paths of PEM files. */
  readonly files: Readonly<Partial<Record<'ca' | 'cert' | 'key', string>>>;
}

/** What a URL's parameters about TLS are called, in any of the spellings that clients of other languages have. */
const ABOUT_TLS = /ssl|tls|cert|encrypt|verify/;

const POSTGRES: Readonly<Record<string, readonly string[] | null>> = {
  sslmode: ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'],
  ssl: ['true', '1', 'false', '0', 'no-verify'],
  sslnegotiation: ['postgres', 'direct'],
  uselibpqcompat: ['true'],
  sslrootcert: null,
  sslcert: null,
  sslkey: null,
};

const MYSQL_FILES: Readonly<Record<string, 'ca' | 'cert' | 'key'>> = {
  sslca: 'ca',
  sslrootcert: 'ca',
  sslcert: 'cert',
  sslkey: 'key',
};

const verified = { rejectUnauthorized: true, verifyIdentity: true };
/** Null for no encryption. As MySQL defines its modes: `REQUIRED` encrypts and verifies nothing. */
const MYSQL_MODES: ReadonlyMap<string, Omit<MysqlTls, 'files'> | null> = new Map([
  ['disabled', null],
  ['disable', null],
  ['required', { rejectUnauthorized: false, verifyIdentity: false }],
  ['require', { rejectUnauthorized: false, verifyIdentity: false }],
  ['verify_ca', { rejectUnauthorized: true, verifyIdentity: false }],
  ['verify_identity', verified],
  ['verify_full', verified],
]);
const SWITCHES: ReadonlyMap<string, Omit<MysqlTls, 'files'> | null> = new Map([
  ['true', verified],
  ['1', verified],
  ['false', null],
  ['0', null],
]);

/**
 * Checks what a PostgreSQL URL asks of TLS. pg takes parameters by exactly these names, and ignores all others: then it
 * would connect in clear text.
 *
 * @throws InvalidInputError
 */
export function checkPostgresTls(url: URL): void {
  for (const [name, value] of parametersAboutTls(url)) {
    const values = Object.hasOwn(POSTGRES, name) ? POSTGRES[name] : undefined;
    if (values === undefined) throw unknown(name, Object.keys(POSTGRES));
    if (values !== null && !values.includes(value)) throw invalid(`${name} must be one of ${values.join(', ')}`);
  }
  assertSaidOnce(url.searchParams.has('sslmode'), url.searchParams.has('ssl'));
}

/**
 * Takes out of a MariaDB or MySQL URL what it asks of TLS: mysql2 knows none of these parameters, and ignores them.
 *
 * @returns null for a connection in clear text; undefined where mysql2 reads `ssl` itself, or nothing is asked.
 * @throws InvalidInputError
 */
export function takeMysqlTls(url: URL): MysqlTls | null | undefined {
  const modes: (Omit<MysqlTls, 'files'> | null)[] = [];
  const files: Partial<Record<'ca' | 'cert' | 'key', string>> = {};
  let isLeftToDriver = false;
  for (const [given, value] of parametersAboutTls(url)) {
    const name = given.toLowerCase().replace(/[-_]/g, '');
    const file = MYSQL_FILES[name];
    // A profile or the options themselves.
    if (given === 'ssl' && (value.startsWith('{') || value === 'Amazon RDS')) {
      isLeftToDriver = true;
      continue;
    }
    if (name === 'sslmode') modes.push(pick(given, value.replace('-', '_'), MYSQL_MODES));
    else if (name === 'ssl' || name === 'usessl' || name === 'tls') modes.push(pick(given, value, SWITCHES));
    else if (file !== undefined && value !== '') files[file] = value;
    else throw unknown(given, ['ssl-mode', 'ssl', 'useSSL', 'ssl-ca', 'ssl-cert', 'ssl-key']);
    url.searchParams.delete(given);
  }
  if (/ssl/i.test(url.searchParams.get('flags') ?? '')) throw invalid('flags cannot ask for TLS; use ssl-mode');
  assertSaidOnce(...modes.map(() => true), isLeftToDriver);
  const [mode] = modes;
  const hasFiles = Object.keys(files).length > 0;
  if (hasFiles && !mode) throw invalid('names files for TLS without asking for it; add ssl-mode=VERIFY_IDENTITY');
  return mode ? { ...mode, files } : mode;
}

function parametersAboutTls(url: URL): readonly (readonly [name: string, value: string])[] {
  const found = [...url.searchParams].filter(([name]) => ABOUT_TLS.test(name.toLowerCase()));
  const twice = found.find(([name], index) => found.findIndex(([other]) => other === name) !== index);
  if (twice) throw invalid(`has the parameter ${twice[0]} twice`);
  return found;
}

function pick<T>(name: string, value: string, choices: ReadonlyMap<string, T>): T {
  const choice = choices.get(value.toLowerCase());
  if (choice !== undefined) return choice;
  throw invalid(`${name} must be one of ${[...choices.keys()].join(', ')}`);
}

function assertSaidOnce(...said: readonly boolean[]): void {
  if (said.filter(Boolean).length > 1) throw invalid('says twice whether to use TLS; say it once');
}

const unknown = (name: string, known: readonly string[]): InvalidInputError =>
  invalid(`has the parameter ${name}, which the driver would ignore; for TLS it may have ${known.join(', ')}`);

const invalid = (problem: string): InvalidInputError =>
  new InvalidInputError('Invalid SQL store options', [{ field: 'url', problem }]);
