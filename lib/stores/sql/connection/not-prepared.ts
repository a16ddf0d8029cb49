const CODES: ReadonlySet<unknown> = new Set(['26000', '42P05']);

/**
 * Whether PostgreSQL does not know a prepared statement, or knows another one by its name: something stands between that
 * gives one session to several clients in turn.
 */
export const isNotPrepared = (error: unknown): boolean => CODES.has((error as { code?: unknown }).code);
