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
    [undefined, URLS],
    [5, URLS],
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
});
