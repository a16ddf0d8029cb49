/* What users import from `nestjs-apscheduler/sql`. */
export type { SqlDialectName } from './dialects/sql-dialect.js';
export type {
  KyselyInstance,
  SqlDialectOptions,
  SqlKyselyOptions,
  SqlStoreOptions,
  SqlTableOptions,
  SqlUrlOptions,
} from './options/sql-store-options.js';
export { exportDdl, type ExportDdlOptions } from './schema/export-ddl.js';
export { SqlJobStore } from './sql.job-store.js';
