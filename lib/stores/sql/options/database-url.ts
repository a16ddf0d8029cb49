import { extname } from 'node:path';
import { InvalidInputError } from '../../../engine/errors.js';
import { show } from '../../../engine/util/inspect.js';

/** A database to connect to. */
export interface DatabaseUrl {
  readonly kind: 'sqlite' | 'postgres' | 'mysql';
  /** What the driver is given: a URL, or for SQLite a file. */
  readonly target: string;
  /** For messages: without credentials. */
  readonly shown: string;
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
  if (typeof url !== 'string' || url.trim() === '') throw invalid(`must be ${KNOWN}, got ${show(url)}`);
  // One letter is a drive: C:\data\jobs.db.
  const scheme = /^[a-z][a-z\d+.-]+:/i.exec(url)?.[0].toLowerCase();
  if (scheme === undefined || url === ':memory:') return readPath(url);
  if (scheme === 'sqlite:') return readSqlite(url.slice(scheme.length));
  const server = SERVERS[scheme];
  if (server === undefined) throw invalid(`must be ${KNOWN}, got one that starts with ${show(scheme)}`);
  return readServer(server.kind, `${server.scheme}${url.slice(scheme.length)}`);
}

function readServer(kind: 'postgres' | 'mysql', url: string): DatabaseUrl {
  if (!URL.canParse(url)) {
    throw invalid('is not a valid URL; special characters of a user or a password are percent-encoded');
  }
  const { protocol, host, pathname } = new URL(url);
  if (pathname.length < 2) throw invalid(`must name a database: ${protocol}//${host}/<database>`);
  return { kind, target: url, shown: `${protocol}//${host}${pathname}` };
}

function readSqlite(path: string): DatabaseUrl {
  if (path === '') throw invalid('must name a file: sqlite:jobs.db');
  if (path.startsWith('//')) {
    // SQLAlchemy's third slash starts a relative path, everybody else's an absolute one.
    const file = path.replace(/^\/+/, '');
    throw invalid(
      `is ambiguous; write sqlite:${file || 'jobs.db'} for a path from the working directory, or sqlite:/${file || 'jobs.db'}`,
    );
  }
  return sqliteFile(path);
}

function readPath(path: string): DatabaseUrl {
  const isPath = path === ':memory:' || /[/\\]/.test(path) || FILE_EXTENSIONS.has(extname(path));
  if (!isPath) throw invalid(`must be ${KNOWN}, got ${show(path)}; a file named so is sqlite:${path}`);
  return sqliteFile(path);
}

const sqliteFile = (file: string): DatabaseUrl => ({ kind: 'sqlite', target: file, shown: `sqlite:${file}` });

const invalid = (problem: string): InvalidInputError =>
  new InvalidInputError('Invalid SQL store options', [{ field: 'url', problem }]);
