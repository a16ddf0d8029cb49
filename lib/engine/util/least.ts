/** The least of any number of values; Infinity of none. Arguments of a call are limited, a loop is not. */
export function least(values: Iterable<number>): number {
  let found = Infinity;
  for (const value of values) if (value < found) found = value;
  return found;
}
