import { show } from '../../../engine/util/inspect.js';

/** What the tables of a store are called, and where they are. */
export interface TableLayout {
  /** Undefined for that of the connection. */
  readonly schema: string | undefined;
  readonly tablePrefix: string;
}

/** Not APScheduler's: its `apscheduler_jobs` may be in the same database, and is no table of ours. */
export const DEFAULT_TABLE_PREFIX = 'scheduler_';

/** Plain names only: they stand in the users' own migrations and tools. PostgreSQL cuts names at 63. */
const SCHEMA = /^[a-z_][a-z\d_]{0,62}$/i;
const TABLE_PREFIX = /^(?:[a-z_][a-z\d_]{0,29})?$/i;

export function checkSchema(value: unknown): string | undefined {
  if (typeof value === 'string' && SCHEMA.test(value)) return undefined;
  return `must be up to 63 letters, digits and underscores, no digit first, got ${show(value)}`;
}

export function checkTablePrefix(value: unknown): string | undefined {
  if (typeof value === 'string' && TABLE_PREFIX.test(value)) return undefined;
  return `must be up to 30 letters, digits and underscores, no digit first, got ${show(value)}`;
}
