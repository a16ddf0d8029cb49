import { extname } from 'node:path';
import { InvalidInputError } from '../../../engine/errors.js';
import { show } from '../../../engine/util/inspect.js';
import { checkPostgresTls, takeMysqlTls, type MysqlTls } from './tls.js';

/** A database to connect to. */
export interface DatabaseUrl {
  readonly kind: 'sqlite' | 'postgres' | 'mysql';
  /** What the driver is given: a URL, or for SQLite a file. */
  readonly target: string;
  /** For messages: without credentials. */
  readonly shown: string;
  /** How MariaDB or MySQL is connected to, where the URL says it by names that the driver does not know. */
  readonly tls?: MysqlTls;
}

const SERVERS: Readonly<Record<string, { kind: 'postgres' | 'mysql'; scheme: string }>> = {
  'postgres:': { kind: 'postgres', scheme: 'postgres:' },
  'postgresql:': { kind: 'postgres', scheme: 'postgres:' },
  'mysql:': { kind: 'mysql', scheme: 'mysql:' },
  // The driver knows no other name.
  'mariadb:': { kind: 'mysql', scheme: 'mysql:' },
};

const KNOWN = 'postgres://, mysql://, mariadb://, or sqlite: and a path';
const FILE_EXTENSIONS: ReadonlySet<string> = new Set(['.db', '.db3', '.sqlite', '.sqlite3']);

/**
 * Reads where a database is.
 *
 * @throws InvalidInputError that repeats no password.
 */
export function parseDatabaseUrl(url: unknown): DatabaseUrl {
  if (typeof url !== 'string') throw invalid(`must be ${KNOWN}, got ${typeof url}`);
  if (url.trim() === '') throw invalid(`must be ${KNOWN}, got ${show(url)}`);
  // One letter is a drive: C:\data\jobs.db.
  const scheme = /^[a-z][a-z\d+.-]+:/i.exec(url)?.[0].toLowerCase();
  if (scheme === undefined || url === ':memory:') return readPath(url);
  if (scheme === 'sqlite:') return readSqlite(url.slice(scheme.length));
  const server = SERVERS[scheme];
  if (server === undefined) throw invalid(`must be ${KNOWN}, got one that starts with ${show(scheme)}`);
  return readServer(server.kind, `${server.scheme}${url.slice(scheme.length)}`);
}

function readServer(kind: 'postgres' | 'mysql', given: string): DatabaseUrl {
  const url = URL.canParse(given) ? new URL(given) : null;
  // Behind an unencoded / or # of a password, the rest of it is a path to the parser.
  if (!url || url.pathname.includes('@') || url.hash !== '') {
    throw invalid('is not a valid URL; special characters of a user or a password are percent-encoded');
  }
  const { protocol, host, pathname } = url;
  if (pathname.length < 2) {
    // Behind an unencoded ? as well.
    const shown = url.search.includes('@') ? '<host>' : host;
    throw invalid(`must name a database: ${protocol}//${shown}/<database>`);
  }
  const shown = `${protocol}//${host}${pathname}`;
  if (kind === 'postgres') {
    checkPostgresTls(url);
    return { kind, target: given, shown };
  }
  const tls = takeMysqlTls(url);
  return { kind, target: tls === undefined ? given : url.href, shown, ...(tls && { tls }) };
}

function readSqlite(path: string): DatabaseUrl {
  if (path === '') throw invalid('must name a file: sqlite:jobs.db');
  if (path.startsWith('//')) {
    // SQLAlchemy's third slash starts a relative path, everybody else's an absolute one.
    const file = path.includes('@') ? '' : path.replace(/^\/+/, '');
    throw invalid(
      `is ambiguous; write sqlite:${file || 'jobs.db'} for a path from the working directory, or sqlite:/${file || 'jobs.db'}`,
    );
  }
  return sqliteFile(path);
}

function readPath(path: string): DatabaseUrl {
  const isPath = path === ':memory:' || /[/\\]/.test(path) || FILE_EXTENSIONS.has(extname(path));
  if (isPath) return sqliteFile(path);
  const got = LIKE_CREDENTIALS.test(path) ? 'other text' : `${show(path)}; a file named so is sqlite:${path}`;
  throw invalid(`must be ${KNOWN}, got ${got}`);
}

/** A file would be made that is named after a password. A letter and a colon are a drive of Windows. */
const LIKE_CREDENTIALS = /^(?![a-z]:[\\/]).*:.*@|^\/\/.*@/is;

function sqliteFile(file: string): DatabaseUrl {
  if (LIKE_CREDENTIALS.test(file)) {
    throw invalid('looks like a server and its credentials, not like a file; begin with postgres:// or mysql://');
  }
  return { kind: 'sqlite', target: file, shown: `sqlite:${file}` };
}

const invalid = (problem: string): InvalidInputError =>
  new InvalidInputError('Invalid SQL store options', [{ field: 'url', problem }]);
