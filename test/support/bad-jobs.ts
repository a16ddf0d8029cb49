/** An invalid job, and the field that the error must name. */
export interface BadJob {
  readonly field: string;
  /** JSON text, which can express what no JavaScript value can. */
  readonly value: string;
  /** The other members. */
  readonly base: Readonly<Record<string, unknown>>;
  /** The requests in which it is invalid. */
  readonly on: readonly ('POST' | 'PATCH')[];
}

const json = (...values: readonly unknown[]): string[] => values.map((value) => JSON.stringify(value));

/** Null means absent for some members, and when a job is added. */
const NULL = ['null'];
const NO_TEXT_OR_NULL = json(17, true, [], {});
const NO_TEXT = [...NO_TEXT_OR_NULL, ...json(null, '')];
const NO_NUMBER_OR_NULL = [...json('5', '', true, [], {}), '1e999', '-1e999'];
const NO_NUMBER = [...NO_NUMBER_OR_NULL, ...NULL];
const NO_BOOLEAN = json('true', 1, 0, null, [], {});
const NO_DATE = json(
  17,
  1893456000000,
  true,
  [],
  {},
  '',
  'soon',
  '2030',
  '2030-13-01',
  '2030-02-30',
  '2030-01-01T25:00',
  '2030-01-01T00:00:00+99:99',
  '0000-01-01',
  '+275760-09-14',
  '2030-01-01 and more',
);
const NO_CRON_FIELD = json('x', '', true, [], {}, 1.5, -1, 99999, '*/0', '1-', '1,,2', '*/99999');
const DEEP = `${'['.repeat(2000)}${']'.repeat(2000)}`;
const HAZARDS = [`[${DEEP}]`, '[1e999]', '[{"__proto__":{"polluted":1}}]', '[[{"a":{"__proto__":1}}]]'];
const KEYED_HAZARDS = [`{"a":${DEEP}}`, '{"a":-1e999}', '{"__proto__":{"polluted":1}}'];

const INTERVAL = { trigger: 'interval', minutes: 10 };
const CRON = { trigger: 'cron', minute: '*/5' };
const RETRY = { ...INTERVAL, retry: { attempts: 3 } };
const DATE = { trigger: 'date', run_date: '2030-01-01' };

type Row = readonly [fields: string | readonly string[], values: readonly string[], base?: object, on?: BadJob['on']];

const ROWS: readonly Row[] = [
  ['id', [...NO_TEXT, ...json('\0', 'x'.repeat(192), 'a\ud800')], INTERVAL, ['POST']],
  ['func', [...NO_TEXT, ...json('nope', 'os:system', '__proto__', 'constructor', 'app:work ')], INTERVAL],
  ['name', NO_TEXT_OR_NULL],
  ['name', json(null, ''), INTERVAL, ['PATCH']],
  ['executor', [...NO_TEXT, ...json('nope', '__proto__')]],
  ['jobstore', [...NO_TEXT, ...json('nope', '__proto__')]],
  ['args', [...json('x', {}, 17, true), ...HAZARDS]],
  ['kwargs', [...json('x', [], 17, true), ...KEYED_HAZARDS]],
  [['args', 'kwargs', 'trigger'], NULL, INTERVAL, ['PATCH']],
  ['coalesce', NO_BOOLEAN],
  ['replace_existing', NO_BOOLEAN, INTERVAL, ['POST']],
  ['replace_existing', json(true, false), INTERVAL, ['PATCH']],
  ['misfire_grace_time', [...json('5', '', 'soon', '0s', 'P1Y', -1, 0, true, [], {}), '1e999']],
  ['max_instances', [...json('1', 0, -1, 1.5, true, null, [], {}), '1e999', '9007199254740993']],
  [
    ['catch_up_limit', 'max_queued'],
    [...json('1', 0, -1, 1.5, true, null, [], {}), '1e999', '9007199254740993'],
  ],
  ['coalesce', json('Latest', 'none', '')],
  ['overlap', json('', 'wait', 'Skip', 17, true, null, [], {}, '__proto__')],
  ['timeout', [...json('5', '', 'soon', '0s', 'P1Y', -1, 0, true, [], {}), '1e999']],
  ['retry', [...json('3', '', 0, -1, 1.5, true, [], [3]), '1e999', '{"attempts":2,"__proto__":{"polluted":1}}']],
  ['retry.attempts', [...json('3', 0, -1, 1.5, true, null, [], {}), '9007199254740993'], { ...INTERVAL, retry: {} }],
  [['retry.delay', 'retry.max_delay', 'retry.jitter'], [...NO_NUMBER, ...json(-1, 'P1M')], RETRY],
  ['retry.backoff', json('linear', 'Fixed', '', 17, true, null, [], {}), RETRY],
  ['retry.retry_if', [...NO_TEXT, ...json('nope', '__proto__', 'constructor', 'app:work ')], RETRY],
  [['retry.maxDelay', 'retry.retryIf', 'retry.predicate', 'retry.foo', 'retry.constructor'], json(1, null), RETRY],
  ['run_on_start', NO_BOOLEAN],
  [['catchUpLimit', 'maxQueued', 'runOnStart', 'lastRun', 'waitingFor'], json(1, null)],
  ['next_run_time', NO_DATE, INTERVAL],
  [
    'trigger',
    json(17, true, [], '', 'nope', 'Interval', 'constructor', '__proto__', { type: 'nope' }, { type: 17 }),
    {},
  ],
  [['weeks', 'days', 'hours', 'minutes', 'seconds'], [...NO_NUMBER, ...json(-5)], { trigger: 'interval', hours: 1 }],
  ['seconds', json(0, 1e300), { trigger: 'interval' }],
  ['start_date', NO_DATE, INTERVAL],
  ['start_date', NO_DATE, CRON],
  ['end_date', [...NO_DATE, ...json('2001-01-01')], { ...INTERVAL, start_date: '2030-01-01' }],
  ['run_date', NO_DATE, { trigger: 'date' }],
  ['timezone', [...NO_TEXT_OR_NULL, ...json('', 'Mars/Olympus', '+99:00', '../etc/passwd', 'UTC\0')], CRON],
  ['jitter', [...NO_NUMBER_OR_NULL, ...json(-1, '-1s', 'soon', '366d', { seed: 'id' })], INTERVAL],
  ['jitter.max', [...NO_NUMBER, ...json(-1, 'P1M')], { ...INTERVAL, jitter: { seed: 'id' } }],
  ['jitter.seed', json('name', '', 1, true, null, [], {}), { ...INTERVAL, jitter: { max: 5 } }],
  ['jitter.foo', json(1), { ...INTERVAL, jitter: { max: 5, seed: 'id' } }],
  ['every', [...NO_TEXT, ...json('5', 'soon', '0s', '-1h', '1H', 'P1M', '1 year', '1.5h30m')], { trigger: 'interval' }],
  [['weeks', 'seconds'], json(1), { trigger: 'interval', every: '1h' }],
  ['every', json('1h'), CRON],
  [
    'crontab',
    [...NO_TEXT, ...json('x', '* * *', '61 * * * *', '* * * * * * *', '@nope', '0 0 30 2 *')],
    { trigger: 'cron' },
  ],
  ['minute', json('*/5'), { trigger: 'cron', crontab: '* * * * *' }],
  [['year', 'month', 'day', 'week', 'day_of_week', 'hour', 'minute', 'second'], NO_CRON_FIELD, { trigger: 'cron' }],
  [['years', 'months'], [...NO_NUMBER, ...json(-5, 1.5, 1e6)], { trigger: 'calendarinterval', weeks: 1 }],
  [['hour', 'minute', 'second'], json('5', -1, 60, 1.5, true, [], {}), { trigger: 'calendarinterval', days: 1 }],
  [
    'end_date',
    json('2029-12-31', '2029-12-31T23:59:59'),
    { trigger: 'calendarinterval', days: 1, start_date: '2030-01-01' },
  ],
  [['triggers', 'except'], json('x', {}, 17, true, null), { trigger: 'or', triggers: [CRON] }],
  ['triggers', json([]), { trigger: 'and' }],
  ['base', json('x', [], 17, true, null), { trigger: 'except', except: [] }],
  ['except', json('x', {}, 17, true, null), { trigger: 'except', base: CRON }],
  [['triggers', 'base', 'except', 'years'], json('1', [], {}), CRON],
  [['seconds', 'run_date', 'startDate', 'type'], json('1'), CRON],
  [['hour', 'day_of_week', 'run_date', 'crontab'], json('1'), INTERVAL],
  [['hour', 'seconds', 'start_date', 'jitter'], json('1'), DATE],
  [['weeks', 'seconds', 'start_date', 'run_date', 'timezone', 'jitter', 'crontab', 'hour'], json('1', 5), {}],
  [
    ['foo', 'startDate', 'jobStore', 'task', 'handler', 'paused', 'pending', 'nextRunTime', 'constructor', 'toString'],
    json(1, null),
    INTERVAL,
  ],
  [['__proto__', 'prototype', 'hasOwnProperty', '__defineGetter__'], json({ polluted: 1 }), INTERVAL],
  [
    ['trigger.foo', 'trigger.id', 'trigger.func', 'trigger.__proto__', 'trigger.trigger'],
    json('1'),
    { trigger: { type: 'interval', hours: 1 } },
  ],
];

/** Every row, expanded. */
export const BAD_JOBS: readonly BadJob[] = ROWS.flatMap(([fields, values, base = INTERVAL, on = ['POST', 'PATCH']]) =>
  [fields].flat().flatMap((field) => values.map((value) => ({ field, value, base: { ...base }, on }))),
);

/** The body as text, with the invalid member last; inside the nested trigger if its name has two parts. */
export function bodyText(members: Readonly<Record<string, unknown>>, { field, value }: BadJob): string {
  const [outer, inner] = field.split('.');
  if (inner === undefined || outer === undefined) return withMember(without(members, field), field, value);
  const nested = members[outer] as Record<string, unknown>;
  return withMember(without(members, outer), outer, withMember(nested, inner, value));
}

function without(members: Readonly<Record<string, unknown>>, field: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => name !== field));
}

function withMember(members: Readonly<Record<string, unknown>>, name: string, value: string): string {
  const others = Object.entries(members).map(
    ([other, content]) => `${JSON.stringify(other)}:${JSON.stringify(content)}`,
  );
  return `{${[...others, `${JSON.stringify(name)}:${value}`].join(',')}}`;
}
