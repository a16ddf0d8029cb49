import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from '../../../../lib/stores/sql/options/database-url.js';

const URLS = /postgres:\/\/, mysql:\/\/, mariadb:\/\/, or sqlite: and a path/;

describe("A database's URL", () => {
  it.each([
    ['sqlite:jobs.db', 'jobs.db'],
    ['sqlite:./data/jobs', './data/jobs'],
    ['sqlite:/var/lib/jobs.db', '/var/lib/jobs.db'],
    ['SQLite:C:\\data\\jobs.db', 'C:\\data\\jobs.db'],
    ['sqlite::memory:', ':memory:'],
    [':memory:', ':memory:'],
    ['jobs.db', 'jobs.db'],
    ['jobs.sqlite3', 'jobs.sqlite3'],
    ['./jobs', './jobs'],
    ['/var/lib/jobs', '/var/lib/jobs'],
    ['C:\\data\\jobs', 'C:\\data\\jobs'],
  ])('may be a file of SQLite: %s', (url, target) => {
    expect(parseDatabaseUrl(url)).toEqual({ kind: 'sqlite', target, shown: `sqlite:${target}` });
  });

  it.each([
    ['postgres://me:secret@db:5433/jobs?sslmode=require', 'postgres', 'postgres://db:5433/jobs'],
    ['postgresql://db/jobs', 'postgres', 'postgres://db/jobs'],
    ['postgres:///jobs?host=/run/postgresql', 'postgres', 'postgres:///jobs'],
    ['mysql://me:secret@db/jobs', 'mysql', 'mysql://db/jobs'],
    ['mariadb://me:secret@[::1]:3307/jobs', 'mysql', 'mysql://[::1]:3307/jobs'],
  ])('may be a database on a server, shown without credentials: %s', (url, kind, shown) => {
    const target = url.replace('postgresql:', 'postgres:').replace('mariadb:', 'mysql:');
    expect(parseDatabaseUrl(url)).toEqual({ kind, target, shown });
  });

  it.each([
    [undefined, /got undefined$/],
    [5, /got number$/],
    ['', URLS],
    ['jobs', /must be .*, got "jobs"; a file named so is sqlite:jobs$/],
    ['postgres', /got "postgres"/],
    ['mssql://me:secret@db/jobs', /got one that starts with "mssql:"$/],
    ['postgresql+psycopg2://me:secret@db/jobs', /starts with "postgresql\+psycopg2:"$/],
    ['localhost:5432/jobs', /starts with "localhost:"$/],
    ['sqlite:', /must name a file: sqlite:jobs\.db$/],
    ['sqlite:///jobs.db', /write sqlite:jobs\.db for a path from the working directory, or sqlite:\/jobs\.db$/],
    ['sqlite:////var/jobs.db', /write sqlite:var\/jobs\.db for .*, or sqlite:\/var\/jobs\.db$/],
    ['sqlite://', /write sqlite:jobs\.db/],
    ['postgres://me:sec/ret@db:5432/jobs', /special characters of a user or a password are percent-encoded$/],
    ['postgres://me:secret@db', /must name a database: postgres:\/\/db\/<database>$/],
    ['mysql://me:secret@db/', /must name a database: mysql:\/\/db\/<database>$/],
  ])('is refused, without its password, when it is %o', (url, problem) => {
    expect(() => parseDatabaseUrl(url)).toThrow(problem);
    expect(() => parseDatabaseUrl(url)).toThrow(/^Invalid SQL store options: url (?!.*sec)/);
  });

  it.each([
    ['ssl-mode=REQUIRED', { rejectUnauthorized: false, verifyIdentity: false, files: {} }],
    ['sslmode=require', { rejectUnauthorized: false, verifyIdentity: false, files: {} }],
    [
      'ssl_mode=VERIFY_CA&ssl-ca=/ca.pem',
      { rejectUnauthorized: true, verifyIdentity: false, files: { ca: '/ca.pem' } },
    ],
    ['sslMode=verify-full', { rejectUnauthorized: true, verifyIdentity: true, files: {} }],
    ['useSSL=true', { rejectUnauthorized: true, verifyIdentity: true, files: {} }],
    ['ssl=true', { rejectUnauthorized: true, verifyIdentity: true, files: {} }],
    ['tls=1', { rejectUnauthorized: true, verifyIdentity: true, files: {} }],
  ])('asks for TLS on MariaDB and MySQL by %s', (query, tls) => {
    for (const scheme of ['mysql', 'mariadb']) {
      expect(parseDatabaseUrl(`${scheme}://me:secret@db/jobs?${query}&charset=utf8`)).toEqual({
        kind: 'mysql',
        target: 'mysql://me:secret@db/jobs?charset=utf8',
        shown: 'mysql://db/jobs',
        tls,
      });
    }
  });

  it.each(['ssl={"ca":"x"}', 'ssl=Amazon+RDS', 'charset=utf8', 'insecureAuth=true'])('leaves %s to mysql2', (query) => {
    const target = `mysql://db/jobs?${query}`;
    expect(parseDatabaseUrl(target)).toEqual({ kind: 'mysql', target, shown: 'mysql://db/jobs' });
  });

  it.each(['ssl-mode=DISABLED', 'useSSL=false', 'ssl=0', 'sslmode=disable'])('means clear text by %s', (query) => {
    expect(parseDatabaseUrl(`mysql://db/jobs?${query}`)).toEqual({
      kind: 'mysql',
      target: 'mysql://db/jobs',
      shown: 'mysql://db/jobs',
    });
  });

  it.each([
    'sslmode=disable',
    'sslmode=require',
    'sslmode=verify-full&sslrootcert=/ca.pem',
    'ssl=true',
    'ssl=no-verify',
  ])('leaves %s to pg', (query) => {
    const target = `postgres://db/jobs?${query}`;
    expect(parseDatabaseUrl(target)).toEqual({ kind: 'postgres', target, shown: 'postgres://db/jobs' });
  });

  const REFUSED = ['SSLMODE=require', 'ssl-mode=REQUIRED', 'useSSL=true', 'tls=true', 'ssl=yes', 'sslmode=REQUIRE'];
  it.each([
    ...REFUSED.map((query) => `postgres://db/jobs?${query}`),
    'postgres://db/jobs?sslmode=allow',
    'postgres://db/jobs?sslmode=',
    'postgres://db/jobs?sslmode=require&sslmode=disable',
    'postgres://db/jobs?ssl=true&sslmode=disable',
    'mysql://db/jobs?ssl-mode=PREFERRED',
    'mysql://db/jobs?ssl-mode=',
    'mysql://db/jobs?ssl=null',
    'mysql://db/jobs?ssl=on',
    'mysql://db/jobs?requireSSL=true',
    'mysql://db/jobs?verifyServerCertificate=true',
    'mysql://db/jobs?trustServerCertificate=false',
    'mysql://db/jobs?encrypt=true',
    'mysql://db/jobs?ssl-ca=/ca.pem',
    'mysql://db/jobs?ssl-mode=DISABLED&ssl-ca=/ca.pem',
    'mysql://db/jobs?ssl-mode=REQUIRED&sslmode=disable',
    'mysql://db/jobs?ssl={}&useSSL=false',
    'mysql://db/jobs?flags=SSL',
  ])('is refused where the driver would ignore what it asks of TLS: %s', (url) => {
    expect(() => parseDatabaseUrl(url)).toThrow(/^Invalid SQL store options: url /);
  });
});
