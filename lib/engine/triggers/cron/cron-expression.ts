import { BoundedCache } from '../../util/bounded-cache.js';
import { show } from '../../util/inspect.js';
import type { FaultList } from '../fault-list.js';
import type { GivenOptions } from '../given-options.js';
import { CRON_FIELD_NAMES, DATE_FIELDS, withDefaults, type CronFieldName } from './cron-fields.js';
import { compileFields, type CronSchedule } from './cron-schedule.js';
import { CRONTAB_DIALECTS, type CrontabDialect } from './crontab-text.js';
import { compileCrontab } from './crontab.js';
import { parseField, type ParsedField } from './field-grammar.js';

/** An expression as it was given, and what it means. Equal ones mostly are one object. */
export interface CronExpression {
  readonly schedule: CronSchedule;
  /** The fields that were given, or the crontab string, as they stand in a trigger's JSON. */
  readonly json: Readonly<Record<string, string>>;
}

const expressions = new BoundedCache<string, CronExpression>(4096);

/** Reads a cron trigger's fields or its crontab string; undefined when they are refused, for the faults then added. */
export function readExpression(options: GivenOptions, faults: FaultList): CronExpression | undefined {
  const given = CRON_FIELD_NAMES.filter((name) => name in options);
  const { crontab, dialect = 'standard' } = options;
  if (!CRONTAB_DIALECTS.includes(dialect as CrontabDialect)) {
    faults.add('dialect', `must be one of ${CRONTAB_DIALECTS.join(', ')}, got ${show(dialect)}`);
    return undefined;
  }
  if (crontab === undefined) {
    if ('dialect' in options) faults.add('dialect', 'goes with crontab only');
    return readFields(options, given, faults);
  }
  for (const name of given) faults.add(name, 'must not be given beside crontab');
  return readCrontab(crontab, dialect as CrontabDialect, faults);
}

function readCrontab(crontab: unknown, dialect: CrontabDialect, faults: FaultList): CronExpression | undefined {
  if (typeof crontab !== 'string') {
    faults.add('crontab', `must be a string, got ${show(crontab)}`);
    return undefined;
  }
  const text = crontab.trim().split(/\s+/).join(' ');
  const expression = faults.attempt(() =>
    expressions.getOrMake(`${dialect} ${text}`, () => ({
      schedule: compileCrontab(text, dialect),
      json: dialect === 'standard' ? { crontab: text } : { crontab: text, dialect },
    })),
  );
  return expression && refuseImpossible(expression, 'crontab', faults);
}

function readFields(
  options: GivenOptions,
  given: readonly CronFieldName[],
  faults: FaultList,
): CronExpression | undefined {
  const parsed: Partial<Record<CronFieldName, ParsedField>> = {};
  let isReadable = true;
  for (const name of given) {
    const value = options[name];
    const refuse = (problem: string): void => {
      faults.add(name, problem);
      isReadable = false;
    };
    if (typeof value === 'string' || typeof value === 'number') parsed[name] = parseField(name, String(value), refuse);
    else refuse(`must be a string or a number, got ${show(value)}`);
  }
  if (!isReadable) return undefined;
  const json = Object.fromEntries(given.map((name) => [name, parsed[name]?.text ?? '']));
  const expression = expressions.getOrMake(JSON.stringify(json), () => ({ schedule: compile(json, parsed), json }));
  return refuseImpossible(expression, DATE_FIELDS.findLast((name) => given.includes(name)) ?? 'day', faults);
}

function compile(
  texts: Readonly<Partial<Record<CronFieldName, string>>>,
  parsed: Readonly<Partial<Record<CronFieldName, ParsedField>>>,
): CronSchedule {
  const all = withDefaults(texts);
  const entries = CRON_FIELD_NAMES.map((name) => [name, parsed[name] ?? parseField(name, all[name], () => undefined)]);
  return compileFields(Object.fromEntries(entries) as Record<CronFieldName, ParsedField>);
}

/** An expression that no date matches is refused where it is made, not searched for later. */
function refuseImpossible(expression: CronExpression, field: string, faults: FaultList): CronExpression | undefined {
  if (expression.schedule.days.next(0) !== -1) return expression;
  faults.add(field, `can never match: no date has all of ${JSON.stringify(expression.json)}`);
  return undefined;
}
