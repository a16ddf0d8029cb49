import Database from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/** Runs statements, separated by semicolons, with the database's own driver. @returns the rows, for a single statement */
export async function plainSql(url: string, statements: string): Promise<Record<string, unknown>[]> {
  const scheme = new URL(url).protocol;
  if (scheme === 'sqlite:') return onSqlite(url.slice(scheme.length), statements);
  return scheme === 'postgres:' ? onPostgres(url, statements) : onMysql(url, statements);
}

function onSqlite(file: string, statements: string): Record<string, unknown>[] {
  const database = new Database(file);
  try {
    if (/^\s*(SELECT|PRAGMA)/i.test(statements)) return database.prepare(statements).all() as Record<string, unknown>[];
    database.exec(statements);
    return [];
  } finally {
    database.close();
  }
}

async function onPostgres(url: string, statements: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statements)).rows;
  } finally {
    await client.end();
  }
}

async function onMysql(url: string, statements: string): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  try {
    const [rows] = await connection.query(statements);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    await connection.end();
  }
}
