/** The ending of an INSERT that updates where it meets a row, as PostgreSQL and SQLite write it. */
export function excludedValues(key: readonly string[], columns: readonly string[]): string {
  const values = columns.map((column) => `${column} = excluded.${column}`);
  return `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${values.join(', ')}`;
}

/** The ending of an INSERT into a table called `i` that adds to the rows that it meets, as PostgreSQL and SQLite write it. */
export function excludedSum(key: readonly string[], column: string): string {
  return `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${column} = i.${column} + excluded.${column}`;
}
