import { CRON_FIELDS, type CronFieldName } from '../cron/cron-fields.js';
import type { ParsedField } from '../cron/field-grammar.js';
import { isAny, MAX_LISTED, numbersInWords, sortedValues } from './cron-values-in-words.js';
import { counted, listed, ordinal, timeOfDay } from './words.js';

/** The part of a cron sentence about the time of day. */
export interface TimeWords {
  readonly text: string;
  /** Whether it names times of a day, so that a sentence without days still wants an `every day`. */
  readonly isDaily: boolean;
}

type TimeField = Extract<CronFieldName, 'hour' | 'minute' | 'second'>;
export type TimeFields = Readonly<Record<TimeField, ParsedField>>;

/** Says at what times of a day a cron trigger fires. */
export function timesInWords(fields: TimeFields): TimeWords {
  return rhythm(fields) ?? times(fields) ?? stretch(fields) ?? { text: general(fields), isDaily: false };
}

/** What goes on around the clock at an even distance: `every 10 seconds`, `every 15 minutes`, `every hour at minute 30`. */
function rhythm(fields: TimeFields): TimeWords | undefined {
  const seconds = sortedValues(fields.second);
  const minutes = sortedValues(fields.minute);
  const [second = 0] = seconds;
  const [minute = 0] = minutes;
  const every = (unit: TimeField, from = ''): TimeWords | undefined => {
    const step = evenStep(unit, fields[unit]);
    return step === undefined
      ? undefined
      : { text: `every ${step === 1 ? unit : counted(step, unit)}${from}`, isDaily: false };
  };
  const isAnyHour = isAny('hour', fields.hour);
  if (isAnyHour && isAny('minute', fields.minute) && seconds.length > 1) return every('second');
  if (seconds.length > 1) return undefined;
  if (isAnyHour && minutes.length > 1) return every('minute', second > 0 ? ` at second ${second}` : '');
  if (minutes.length > 1) return undefined;
  if (!isAnyHour) return every('hour', minute + second > 0 ? ` from ${timeOfDay(0, minute, second)}` : '');
  if (second > 0) return every('hour', ` at minute ${minute}, second ${second}`);
  return every('hour', minute > 0 ? ` at minute ${minute}` : '');
}

/** The distance of a field's values, when they go on evenly over the end of the field's range. */
function evenStep(unit: TimeField, { ranges }: ParsedField): number | undefined {
  const { min, max } = CRON_FIELDS[unit];
  const [range, another] = ranges;
  if (range === undefined || another !== undefined) return undefined;
  const { first, last, step } = range;
  return first === min && last === max && (max + 1) % step === 0 ? step : undefined;
}

/** A few times of a day, one by one: `at 09:00 and 17:30`. */
function times(fields: TimeFields): TimeWords | undefined {
  const [hours, minutes, seconds] = [
    sortedValues(fields.hour),
    sortedValues(fields.minute),
    sortedValues(fields.second),
  ];
  if (hours.length * minutes.length * seconds.length > MAX_LISTED) return undefined;
  const withSeconds = seconds.some((second) => second > 0);
  const all = hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => timeOfDay(hour, minute, second, withSeconds))),
  );
  return { text: `at ${listed(all)}`, isDaily: true };
}

/** An even distance in one stretch of a day: `every 15 minutes from 09:00 to 17:45`. */
function stretch({ hour, minute, second }: TimeFields): TimeWords | undefined {
  const [hours, minutes, seconds] = [sortedValues(hour), sortedValues(minute), sortedValues(second)];
  const [range, another] = hour.ranges;
  if (range?.step !== 1 || another !== undefined || seconds.length > 1) return undefined;
  const [firstHour = 0, lastHour = 0] = [hours[0], hours.at(-1)];
  const [firstMinute = 0, lastMinute = 0] = [minutes[0], minutes.at(-1)];
  const [onlySecond = 0] = seconds;
  const step = minutes.length > 1 ? evenStep('minute', minute) : 60;
  if (step === undefined) return undefined;
  const distance = step === 60 ? 'hour' : step === 1 ? 'minute' : counted(step, 'minute');
  const from = timeOfDay(firstHour, firstMinute, onlySecond);
  return { text: `every ${distance} from ${from} to ${timeOfDay(lastHour, lastMinute, onlySecond)}`, isDaily: false };
}

/** Field by field: `at seconds 0 and 30 of minutes 1 to 5 of every hour`. */
function general({ hour, minute, second }: TimeFields): string {
  const isOnTheMinute = second.text === '0';
  const seconds = isOnTheMinute ? [] : [valuesInWords('second', second)];
  const text = [...seconds, valuesInWords('minute', minute), valuesInWords('hour', hour)].join(' of ');
  return text.startsWith('every') ? text : `at ${text}`;
}

/** `hour 9`, `minutes 1 to 5 and 30`, `every second`. */
function valuesInWords(unit: TimeField, field: ParsedField): string {
  const step = evenStep(unit, field);
  if (step === undefined) return numbersInWords(unit, field);
  return step === 1 ? `every ${unit}` : `every ${ordinal(step)} ${unit}`;
}
