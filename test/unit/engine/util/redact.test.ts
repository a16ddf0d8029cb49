import { inspect } from 'node:util';
import { ConfigurationError, InvalidInputError, StoreFailedError } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { containedLogger, type Logger } from '../../../../lib/engine/logger.js';
import { messageOf, show, stackOf } from '../../../../lib/engine/util/inspect.js';
import { redact } from '../../../../lib/engine/util/redact.js';
import { safeError } from '../../../../lib/engine/util/safe-error.js';

const SECRET = 'S3cr/et@7';

describe('redact', () => {
  it.each([
    [`connect to postgres://app:${SECRET}@db/jobs failed`, 'connect to postgres://db/jobs failed'],
    [`redis://:${SECRET}@h:6379/0`, 'redis://h:6379/0'],
    [`"https://${'t'.repeat(3000)}@github.com/x"`, '"https://github.com/x"'],
    [`//app:${SECRET}@db/jobs`, '//db/jobs'],
    [`Server=db;Password=${SECRET};User=app`, 'Server=db;Password=***;User=app'],
    [`{ host: 'db', password: '${SECRET}' }`, "{ host: 'db', password: *** }"],
    [`{"password":"a\\"${SECRET}","x":1}`, '{"password":***,"x":1}'],
    [`{\\"password\\":\\"${SECRET}\\"}`, /^\{\\"password\\":\*\*\*/],
    [`Authorization: Basic ${SECRET}`, 'Authorization: ***'],
    [`password="${SECRET} without an end`, 'password=***'],
    ['Access denied for user (using password: YES)', 'Access denied for user (using password: YES)'],
    ['Unexpected token \'x\', "x" is not valid JSON', 'Unexpected token \'x\', "x" is not valid JSON'],
    ['Job "remind:ann@example.org" not found', 'Job "remind:ann@example.org" not found'],
    ['https://medium.com/@ann', 'https://medium.com/@ann'],
    [
      'at f (file:///C:/app/node_modules/@nestjs/core.js:1:2)',
      'at f (file:///C:/app/node_modules/@nestjs/core.js:1:2)',
    ],
  ])('takes secrets out, and nothing else: %s', (text, expected) => {
    if (typeof expected === 'string') expect(redact(text)).toBe(expected);
    else expect(redact(text)).toMatch(expected);
    expect(redact(text)).not.toContain('S3cr');
  });

  it.each(['a://', 'password=', 'password="', '@:', '//@', 'passwordpassword', "token: '\\"])(
    'takes time linear in the length of text that repeats %j',
    (piece) => {
      const timeFor = (length: number): number => {
        const text = piece.repeat(length / piece.length);
        const start = performance.now();
        redact(text);
        return performance.now() - start;
      };
      timeFor(50_000);
      // Quadratic time would be 100 times as long, and seconds.
      expect(timeFor(1_000_000)).toBeLessThan(1_000);
    },
  );

  it('comes before a value is shortened', () => {
    const long = `postgres://app:${'S3cr'.repeat(60)}@db/jobs`;
    for (const value of [long, { url: long }, [long], new Error(long)]) expect(show(value)).not.toContain('S3cr');
    expect(show(`postgres://app:S3cr "et@db/jobs`)).not.toContain('S3cr');
  });
});

/** As ioredis reports a refused password. */
function driverError(): Error {
  const refused = Object.assign(new Error('WRONGPASS invalid username-password pair'), {
    command: { name: 'auth', args: [SECRET] },
  });
  const invalidUrl = Object.assign(new TypeError('Invalid URL'), {
    code: 'ERR_INVALID_URL',
    input: `app:${SECRET}@db`,
  });
  const all = new AggregateError([refused, invalidUrl], `redis://:${SECRET}@h`, { cause: refused });
  return new Error('Cannot connect', { cause: Object.assign(all, { sql: SECRET, errno: 7, auth: SECRET }) });
}

describe('an error', () => {
  it('keeps no secret in its message, its causes, the members of an aggregate and what drivers attach', () => {
    const safe = safeError(driverError()) as Error;
    expect(inspect(safe, { depth: 20, showHidden: true })).not.toContain('S3cr');
    const { cause } = safe as { cause: AggregateError & { errno: number } };
    expect(cause).toBeInstanceOf(AggregateError);
    expect([cause.errno, cause.errors.map(messageOf)]).toEqual([
      7,
      ['WRONGPASS invalid username-password pair', 'Invalid URL'],
    ]);
    expect(stackOf(cause.errors[0])).toContain('redact.test.ts');
  });

  it('stays the same object when it has nothing to hide', () => {
    const error = Object.assign(new Error('disk full', { cause: new Error('inner') }), { code: 'ENOSPC', size: 3 });
    expect(safeError(error)).toBe(error);
  });

  it('may be anything that can be thrown', () => {
    const bad = new Proxy(new Error('x'), {
      get() {
        throw new Error('no');
      },
    });
    for (const thrown of [bad, null, undefined, 5, Symbol('x'), () => 1, { password: SECRET }, `password=${SECRET}`]) {
      expect(inspect(safeError(thrown))).not.toContain('S3cr');
    }
    const cycle = new Error('cycle');
    cycle.cause = cycle;
    Object.assign(cycle, { command: {} });
    expect(messageOf(safeError(cycle))).toBe('cycle');
  });

  it('of this package contains none either', () => {
    const errors = [
      new StoreFailedError('default', driverError()),
      new ConfigurationError(`Cannot use postgres://app:${SECRET}@db`, { cause: driverError() }),
      new InvalidInputError(`postgres://app:${SECRET}@db`, [
        { field: `redis://:${SECRET}@h`, problem: `is wrong: { password: '${SECRET}' }` },
      ]),
    ];
    for (const error of errors) expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('S3cr');
  });
});

describe('a log', () => {
  const logged = (use: (logger: Logger) => void): string => {
    const lines: string[] = [];
    const keep = (...args: unknown[]): void => void lines.push(args.map((arg) => inspectText(arg)).join(' '));
    use(containedLogger({ debug: keep, info: keep, warn: keep, error: keep }));
    return lines.join('');
  };
  const inspectText = (value: unknown): string => (typeof value === 'string' ? value : inspect(value, { depth: 20 }));
  const FORGED = 'x\n2030-01-01 ERROR forged\r\x1b[2K\x9b31m\u2028\u202e';

  it('has one line for each message, whatever ids and names contain', () => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      const line = logged((logger) => logger[level](`Job "${FORGED}" failed`));
      expect(line).toBe(
        'Job "x\\n2030-01-01 ERROR forged\\r\\u001b[2K\\u009b31m\\u2028\\u202e" failed' +
          (level === 'error' ? ' undefined' : ''),
      );
    }
  });

  it('has no line of an error that begins like another message', () => {
    const error = new Error(`${FORGED}\n    at nobody (x.js:1)\nERROR forged`, { cause: new Error(FORGED) });
    const changed = new Error('a');
    changed.message = FORGED;
    changed.stack = `Error: other\nERROR forged\n    at f (x.js:1)\nERROR forged`;
    Object.assign(changed, { detail: FORGED });
    for (const text of [logged((logger) => logger.error('m', error)), logged((logger) => logger.error('m', changed))]) {
      expect(text).not.toMatch(/^\S*(?:2030|ERROR)/m);
      // oxlint-disable-next-line no-control-regex -- those are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
      expect(text).toContain('forged');
    }
  });

  it('contains no secret', () => {
    const text = logged((logger) => logger.error(`postgres://app:${SECRET}@db`, driverError()));
    expect(text).not.toContain('S3cr');
    expect(text).toContain('WRONGPASS');
  });
});
