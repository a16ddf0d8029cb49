const ORDINAL_ENDINGS: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const ordinalRules = new Intl.PluralRules('en', { type: 'ordinal' });

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly (string | number)[], conjunction: 'and' | 'or' = 'and'): string {
  const last = items.at(-1);
  if (items.length < 2 || last === undefined) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(value: number): string {
  return `${value}${ORDINAL_ENDINGS[ordinalRules.select(value)] ?? 'th'}`;
}

/** `1 day`, `2 days`. */
export function counted(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

export function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** A time of day: `09:00`, or `09:00:30` when `withSeconds`. */
export function timeOfDay(hour: number, minute: number, second: number, withSeconds = second > 0): string {
  return [hour, minute, ...(withSeconds ? [second] : [])].map(twoDigits).join(':');
}

/** Numbers and runs of them, `first` to `last`; a run of two is two numbers. */
export function runsOf(values: readonly number[], write: (value: number) => string): string[] {
  const runs: { first: number; last: number }[] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run?.last === value - 1) run.last = value;
    else runs.push({ first: value, last: value });
  }
  return runs.flatMap(({ first, last }) => {
    if (first === last) return [write(first)];
    return last === first + 1 ? [write(first), write(last)] : [`${write(first)} to ${write(last)}`];
  });
}
