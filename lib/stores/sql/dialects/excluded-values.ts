/** The ending of an INSERT that updates where it meets a row, as PostgreSQL and SQLite write it. */
export function excludedValues(key: readonly string[], columns: readonly string[]): string {
  const values = columns.map((column) => `${column} = excluded.${column}`);
  return `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${values.join(', ')}`;
}
