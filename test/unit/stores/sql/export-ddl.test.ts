import { describe, expect, it } from 'vitest';
import { exportDdl, type ExportDdlOptions } from '../../../../lib/stores/sql/schema/export-ddl.js';
import { SCHEMA_VERSION } from '../../../../lib/stores/sql/schema/migrations.js';

describe('The exported statements', () => {
  it('are plain SQL in the words of the database', () => {
    expect(exportDdl({ database: 'postgres', schema: 'jobs', tablePrefix: 'my_' })).toMatch(
      /^CREATE SCHEMA IF NOT EXISTS "jobs";\n\nCREATE TABLE IF NOT EXISTS "jobs"."my_meta" \(\n {2}namespace varchar\(191\) COLLATE "C" NOT NULL,\n/,
    );
    expect(exportDdl({ database: 'mysql', schema: 'jobs' })).toMatch(
      /^CREATE TABLE IF NOT EXISTS `jobs`\.`scheduler_meta` \(\n.*?\n\) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin;\n/s,
    );
  });

  it('are none when the tables are up to date', () => {
    expect(exportDdl({ database: 'sqlite', since: SCHEMA_VERSION })).toBe('');
  });

  it.each<[object, string]>([
    [{}, 'database must be one of postgres, mariadb, mysql, sqlite, got undefined'],
    [{ database: 'toString' }, 'database must be one of postgres, mariadb, mysql, sqlite, got "toString"'],
    [{ database: 'sqlite', schema: 'jobs' }, 'schema has no meaning for SQLite'],
    [{ database: 'postgres', schema: '"; DROP' }, 'schema must be up to 63 letters'],
    [{ database: 'postgres', tablePrefix: '1' }, 'tablePrefix must be up to 30 letters'],
    [{ database: 'postgres', since: 99 }, `since must be a version from 0 to ${SCHEMA_VERSION}, got 99`],
  ])('are refused: %o', (options, problem) => {
    expect(() => exportDdl(options as ExportDdlOptions)).toThrow(`DDL cannot be exported: ${problem}`);
  });
});
