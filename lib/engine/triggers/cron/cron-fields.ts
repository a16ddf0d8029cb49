/** The fields of a cron trigger, the most significant first. */
export const CRON_FIELD_NAMES = ['year', 'month', 'day', 'week', 'dayOfWeek', 'hour', 'minute', 'second'] as const;

export type CronFieldName = (typeof CRON_FIELD_NAMES)[number];

/** Those that say which days. */
export const DATE_FIELDS = ['year', 'month', 'day', 'week', 'dayOfWeek'] as const;

/** What a field can hold (APScheduler: `MIN_VALUES`, `MAX_VALUES`, `DEFAULT_VALUES`). */
export interface CronFieldRange {
  readonly min: number;
  readonly max: number;
  /** Its expression when it was not given but a more significant one was. */
  readonly least: string;
  /** Names that stand for numbers, the first for `min`. */
  readonly names?: readonly string[];
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;

export const CRON_FIELDS: Readonly<Record<CronFieldName, CronFieldRange>> = {
  year: { min: 1970, max: 9999, least: '*' },
  month: { min: 1, max: 12, least: '1', names: MONTHS },
  day: { min: 1, max: 31, least: '1' },
  week: { min: 1, max: 53, least: '*' },
  dayOfWeek: { min: 0, max: 6, least: '*', names: WEEKDAYS },
  hour: { min: 0, max: 23, least: '0' },
  minute: { min: 0, max: 59, least: '0' },
  second: { min: 0, max: 59, least: '0' },
};

/** Fills the fields that were not given: `*` above the least significant one that was, the least value below it. */
export function withDefaults(given: Readonly<Partial<Record<CronFieldName, string>>>): Record<CronFieldName, string> {
  const last = CRON_FIELD_NAMES.findLastIndex((name) => given[name] !== undefined);
  const entries = CRON_FIELD_NAMES.map((name, index) => {
    const open = last === -1 || index < last ? '*' : CRON_FIELDS[name].least;
    return [name, given[name] ?? open] as const;
  });
  return Object.fromEntries(entries) as Record<CronFieldName, string>;
}
