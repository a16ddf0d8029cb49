import { describe, expect, it } from 'vitest';
import type { CronFieldName } from '../../../../../lib/engine/triggers/cron/cron-fields.js';
import { parseField, valuesOf } from '../../../../../lib/engine/triggers/cron/field-grammar.js';

function parse(name: CronFieldName, expression: string) {
  const problems: string[] = [];
  return { field: parseField(name, expression, (problem) => problems.push(problem)), problems };
}

describe('parseField', () => {
  it.each<[CronFieldName, string, string, number[]]>([
    ['month', '*', '*', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ['month', '*/5', '*/5', [1, 6, 11]],
    ['month', '*/11', '*/11', [1, 12]],
    ['month', ' 03 ', '3', [3]],
    ['month', 'JAN', 'jan', [1]],
    ['month', 'Feb-apr', 'feb-apr', [2, 3, 4]],
    ['month', 'may-may', 'may', [5]],
    ['month', '1 , 2,  12', '1,2,12', [1, 2, 12]],
    ['hour', '9-17/4', '9-17/4', [9, 13, 17]],
    ['hour', '20/2', '20/2', [20, 22]],
    ['hour', '7-7', '7', [7]],
    ['hour', '0', '0', [0]],
    ['minute', '*/59', '*/59', [0, 59]],
    ['minute', '0-1/1', '0-1/1', [0, 1]],
    ['dayOfWeek', 'mon-wed,sun', 'mon-wed,sun', [0, 1, 2, 6]],
    ['dayOfWeek', '6', '6', [6]],
    ['day', '28,*/30', '28,*/30', [28, 1, 31]],
    ['year', '2028-2030', '2028-2030', [2028, 2029, 2030]],
    ['week', '53', '53', [53]],
  ])('reads %s %j as %j', (name, expression, text, values) => {
    const { field, problems } = parse(name, expression);
    expect(problems).toEqual([]);
    expect(field.text).toBe(text);
    expect([...valuesOf(field)]).toEqual(values);
  });

  it('reads days by their place in the month', () => {
    const { field } = parse('day', 'LAST, 1st Mon,last  sun,5th fri,31');
    expect(field.text).toBe('last,1st mon,last sun,5th fri,31');
    expect(field.lastDay).toBe(true);
    expect(field.positions).toEqual([
      { nth: 1, weekday: 0 },
      { nth: 0, weekday: 6 },
      { nth: 5, weekday: 4 },
    ]);
  });

  it.each<[CronFieldName, string]>([
    ['second', '60'],
    ['minute', '-1'],
    ['minute', '1.5'],
    ['minute', ''],
    ['minute', '1,,2'],
    ['minute', ','],
    ['minute', '*/0'],
    ['minute', '*/60'],
    ['minute', '5-5/1'],
    ['minute', '50-55/6'],
    ['minute', '55/5'],
    ['minute', '30-20'],
    ['minute', '5-60'],
    ['minute', '60/1'],
    ['minute', '*/-5'],
    ['minute', '*-5'],
    ['minute', '**'],
    ['minute', '* *'],
    ['minute', '99999999999999999999'],
    ['minute', 'mon'],
    ['hour', '24'],
    ['hour', '*/24'],
    ['day', '0'],
    ['day', '32'],
    ['day', '6th fri'],
    ['day', '1st'],
    ['day', '1st 5'],
    ['day', '1st monday'],
    ['day', '1stmon'],
    ['day', 'first mon'],
    ['day', 'last-1'],
    ['day', 'lastly'],
    ['day', 'mon'],
    ['month', '13'],
    ['month', '0'],
    ['month', 'january'],
    ['month', 'dec-jan'],
    ['month', 'jan-dec/2'],
    ['month', 'mon'],
    ['month', 'last'],
    ['week', '0'],
    ['week', '54'],
    ['dayOfWeek', '7'],
    ['dayOfWeek', 'sun-mon'],
    ['dayOfWeek', 'mon-fri/2'],
    ['dayOfWeek', 'montag'],
    ['dayOfWeek', '1st mon'],
    ['year', '1969'],
    ['year', '10000'],
    ['hour', 'constructor'],
  ])('refuses %s %j, with a reason', (name, expression) => {
    const { problems } = parse(name, expression);
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toMatch(/^cannot be ".*": .+/);
  });

  it('tells of every part that is wrong', () => {
    expect(parse('hour', '5,24,x').problems).toEqual([
      'cannot be "24": it is not within 0-23',
      'cannot be "x": it is no expression for this field',
    ]);
  });
});
