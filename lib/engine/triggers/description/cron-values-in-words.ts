import { CRON_FIELDS, type CronFieldName } from '../cron/cron-fields.js';
import { valuesOf, type ParsedField, type ValueRange } from '../cron/field-grammar.js';
import { listed, ordinal } from './words.js';

/** So many values are listed one by one; of more, their rule is told. */
export const MAX_LISTED = 6;

/** The values of a field in order, each once. */
export function sortedValues(field: ParsedField): number[] {
  return [...new Set(valuesOf(field))].sort((a, b) => a - b);
}

/** Whether a field says nothing: every value matches. */
export function isAny(name: CronFieldName, { ranges }: ParsedField): boolean {
  const { min, max } = CRON_FIELDS[name];
  return ranges.some(({ first, last, step }) => first === min && last === max && step === 1);
}

/** The values of a field with their unit: `day 1`, `days 1 to 5 and 10`, `every 7th minute from 0 to 59`. */
export function numbersInWords(unit: string, { ranges }: ParsedField): string {
  const [range, another] = ranges;
  if (range && another === undefined && isLong(range)) {
    return `every ${ordinal(range.step)} ${unit} from ${range.first} to ${range.last}`;
  }
  const words = ranges.flatMap(rangeInWords);
  const isOne = words.length === 1 && range?.first === range?.last;
  return `${unit}${isOne ? '' : 's'} ${listed(words)}`;
}

/** `5`, `1 to 5`, `every 7th from 0 to 59`; a few values are listed instead. */
export function rangeInWords(range: ValueRange): string[] {
  const { first, last, step } = range;
  if (step === 1) return [first === last ? `${first}` : `${first} to ${last}`];
  if (isLong(range)) return [`every ${ordinal(step)} from ${first} to ${last}`];
  const values: string[] = [];
  for (let value = first; value <= last; value += step) values.push(`${value}`);
  return values;
}

function isLong({ first, last, step }: ValueRange): boolean {
  return step > 1 && Math.floor((last - first) / step) + 1 > MAX_LISTED;
}
