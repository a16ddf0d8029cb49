import { plainSql } from './plain-sql.js';

const POSTGRES_COLUMNS = `
  SELECT table_schema, table_name, ordinal_position, column_name, data_type, character_maximum_length, collation_name, is_nullable
  FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3`;
const POSTGRES_INDEXES = `
  SELECT indexdef FROM pg_indexes WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY indexdef`;

/** All tables of a database with their columns and indexes, from the database's own catalog. */
export async function dumpTables(url: string): Promise<readonly unknown[]> {
  const scheme = new URL(url).protocol;
  if (scheme === 'sqlite:') return plainSql(url, 'SELECT type, name, sql FROM sqlite_master ORDER BY type, name');
  if (scheme === 'postgres:') {
    return [...(await plainSql(url, POSTGRES_COLUMNS)), ...(await plainSql(url, POSTGRES_INDEXES))];
  }
  const tables = (await plainSql(url, 'SHOW TABLES')).flatMap((row) => Object.values(row));
  return Promise.all(tables.map((table) => plainSql(url, `SHOW CREATE TABLE \`${String(table)}\``)));
}
