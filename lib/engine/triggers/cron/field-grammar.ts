import { show } from '../../util/inspect.js';
import { CRON_FIELDS, WEEKDAYS, type CronFieldName, type CronFieldRange } from './cron-fields.js';

/** Every `step`-th number from `first` to `last`. */
export interface ValueRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** The n-th of a weekday in its month; the last one when `nth` is 0. */
export interface WeekdayPosition {
  readonly nth: number;
  /** 0 is Monday. */
  readonly weekday: number;
}

/** A field's expression, read. */
export interface ParsedField {
  /** The expression as APScheduler would write it: lower case, no blanks, no leading zeros. */
  readonly text: string;
  readonly ranges: readonly ValueRange[];
  readonly positions: readonly WeekdayPosition[];
  /** The last day of the month, whichever it is. */
  readonly lastDay: boolean;
}

type Term = { readonly text: string } & (
  { readonly range: ValueRange } | { readonly position: WeekdayPosition } | { readonly lastDay: true }
);

/** Why a part of an expression cannot be read, in words that follow the part. */
class Unreadable extends Error {}

const ALL = /^\*(?:\/(\d+))?$/;
const NUMBERS = /^(\d+)(?:-(\d+))?(?:\/(\d+))?$/;
const NAMES = /^([a-z]+)(?:-([a-z]+))?$/;
const POSITION = /^(1st|2nd|3rd|4th|5th|last) +([a-z]+)$/;
const POSITIONS = ['last', '1st', '2nd', '3rd', '4th', '5th'];

/** How long a field may be, and how many parts it may list: more can only be a mistake, or malice. */
export const MAX_FIELD_LENGTH = 500;
export const MAX_FIELD_PARTS = 100;

/**
 * Reads the expression of a field by APScheduler's grammar (apscheduler/triggers/cron/expressions.py).
 *
 * @param refuse - called for each part that cannot be read.
 */
export function parseField(name: CronFieldName, expression: string, refuse: (problem: string) => void): ParsedField {
  const terms: Term[] = [];
  const parts = expression.length > MAX_FIELD_LENGTH ? [] : expression.trim().toLowerCase().split(/ *, */);
  if (parts.length === 0) refuse(`must have at most ${MAX_FIELD_LENGTH} characters, got ${expression.length}`);
  if (parts.length > MAX_FIELD_PARTS) {
    refuse(`must list at most ${MAX_FIELD_PARTS} parts, got ${parts.length}`);
    parts.length = 0;
  }
  for (const part of parts) {
    try {
      terms.push(parseTerm(name, part));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      refuse(`cannot be ${show(part)}: ${error.message}`);
    }
  }
  return {
    text: terms.map(({ text }) => text).join(','),
    ranges: terms.flatMap((term) => ('range' in term ? [term.range] : [])),
    positions: terms.flatMap((term) => ('position' in term ? [term.position] : [])),
    lastDay: terms.some((term) => 'lastDay' in term),
  };
}

/** Every number that a field's ranges name. */
export function* valuesOf({ ranges }: ParsedField): Generator<number> {
  for (const { first, last, step } of ranges) {
    for (let value = first; value <= last; value += step) yield value;
  }
}

function parseTerm(name: CronFieldName, part: string): Term {
  const field = CRON_FIELDS[name];
  const all = ALL.exec(part);
  if (all) return parseAll(field, all);
  const numbers = NUMBERS.exec(part);
  if (numbers) return parseNumbers(field, numbers);
  if (name === 'day' && part === 'last') return { text: part, lastDay: true };
  const position = name === 'day' && POSITION.exec(part);
  if (position) return parsePosition(position);
  const names = field.names && NAMES.exec(part);
  if (names) return parseNames(field, names);
  throw new Unreadable('it is no expression for this field');
}

function parseAll({ min, max }: CronFieldRange, [text, stepText]: RegExpExecArray): Term {
  const step = readStep(stepText, max - min);
  return { text: stepText === undefined ? text : `*/${step}`, range: { first: min, last: max, step } };
}

function parseNumbers({ min, max }: CronFieldRange, [, firstText, lastText, stepText]: RegExpExecArray): Term {
  const first = Number(firstText);
  const isOpen = lastText === undefined && stepText !== undefined;
  const last = isOpen ? max : Number(lastText ?? firstText);
  if (first > last) throw new Unreadable(isOpen ? `it is not within ${min}-${max}` : 'it begins after its end');
  if (first < min || last > max) throw new Unreadable(`it is not within ${min}-${max}`);
  const step = readStep(stepText, last - first);
  const values = isOpen || first === last ? String(first) : `${first}-${last}`;
  return { text: stepText === undefined ? values : `${values}/${step}`, range: { first, last, step } };
}

function parseNames(field: CronFieldRange, [, firstName = '', lastName]: RegExpExecArray): Term {
  const first = field.min + indexOf(field.names ?? [], firstName);
  const last = lastName === undefined ? first : field.min + indexOf(field.names ?? [], lastName);
  if (first > last) throw new Unreadable('it begins after its end');
  const text = first === last ? firstName : `${firstName}-${lastName}`;
  return { text, range: { first, last, step: 1 } };
}

function parsePosition([, position = '', weekday = '']: RegExpExecArray): Term {
  return {
    text: `${position} ${weekday}`,
    position: { nth: POSITIONS.indexOf(position), weekday: indexOf(WEEKDAYS, weekday) },
  };
}

/** APScheduler refuses a step that leaves only the first value. */
function readStep(text: string | undefined, range: number): number {
  if (text === undefined) return 1;
  const step = Number(text);
  if (step === 0) throw new Unreadable('its step must be higher than 0');
  if (step > range) throw new Unreadable(`its step ${step} is higher than its range of ${range}`);
  return step;
}

function indexOf(names: readonly string[], name: string): number {
  const index = names.indexOf(name);
  if (index === -1) throw new Unreadable(`${show(name)} is not one of ${names.join(', ')}`);
  return index;
}
