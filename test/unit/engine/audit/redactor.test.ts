import { describe, expect, it, vi } from 'vitest';
import { TaskRegistry } from '../../../../lib/engine/executors/tasks.js';
import { silentLogger } from '../../../../lib/engine/logger.js';
import type { Run } from '../../../../lib/engine/model/run-record.js';
import type { ShownPlace } from '../../../../lib/engine/audit/redactor.js';
import { Redactor } from '../../../../lib/engine/audit/redactor.js';

type Redact = (value: unknown, place: ShownPlace) => unknown;

const RUN = {
  id: 'r1',
  jobId: 'pay',
  task: 'Bank:pay',
  given: { args: [1, { pin: '1234' }], kwargs: { pin: '1234', to: ['ann', { pin: 5 }] } },
  result: { pin: '1234', list: [{ pin: 1 }], ok: true },
  error: {
    name: 'Error',
    message: 'pin 1234',
    stack: 'at 1234',
    cause: { name: 'Error', message: 'pin 1234', stack: null },
    errors: [{ name: 'Error', message: 'pin 1234', stack: null }],
  },
  log: [{ time: 0, message: 'pin 1234' }],
} as unknown as Run;

const redactor = (redact: Redact): Redactor => new Redactor(redact, new TaskRegistry(), silentLogger);

describe('Redactor', () => {
  it('asks for every value by its path, from the outside in', () => {
    const places: unknown[] = [];
    redactor((value, { path, jobId, task }) => {
      expect([jobId, task]).toEqual(['pay', 'Bank:pay']);
      places.push(path.join('.'));
      return value;
    }).run(RUN);
    expect(places).toEqual([
      'args.0',
      'args.1',
      'args.1.pin',
      'kwargs.pin',
      'kwargs.to',
      'kwargs.to.0',
      'kwargs.to.1',
      'kwargs.to.1.pin',
      'result',
      'result.pin',
      'result.list',
      'result.list.0',
      'result.list.0.pin',
      'result.ok',
      'error.message',
      'error.stack',
      'error.cause.message',
      'error.errors.0.message',
      'log',
    ]);
  });

  it('shows what is answered in place of values, and changes nothing else', () => {
    const before = structuredClone(RUN);
    const shown = redactor((value, { path }) => {
      if (path.at(-1) === 'pin') return '***';
      return typeof value === 'string' ? value.replace('1234', '***') : value;
    }).run(RUN);
    expect(shown).toEqual({
      ...RUN,
      given: { args: [1, { pin: '***' }], kwargs: { pin: '***', to: ['ann', { pin: '***' }] } },
      result: { pin: '***', list: [{ pin: '***' }], ok: true },
      error: {
        name: 'Error',
        message: 'pin ***',
        stack: 'at ***',
        cause: { name: 'Error', message: 'pin ***', stack: null },
        errors: [{ name: 'Error', message: 'pin ***', stack: null }],
      },
      log: [{ time: 0, message: 'pin ***' }],
    });
    expect(RUN).toEqual(before);
  });

  it.each<[string, Redact]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['answers a promise', (value) => Promise.resolve(value)],
    ['answers a promise that is rejected', () => Promise.reject(new Error('broken'))],
  ])('shows nothing when the option %s, and says so in the log', (_, redact) => {
    const error = vi.fn<(message: string) => void>();
    const shown = new Redactor(redact, new TaskRegistry(), { ...silentLogger, error }).run(RUN);
    expect(JSON.stringify(shown)).not.toContain('1234');
    expect(shown).toMatchObject({ result: '[redacted]', error: { message: '[redacted]' } });
    expect(error).toHaveBeenCalledWith(
      'redact failed for result of job "pay"; it is not shown',
      expect.any(Error) as Error,
    );
  });

  it('shows null for values and a mark for texts when the option answers nothing', () => {
    const shown = redactor(() => undefined).run(RUN);
    expect(shown).toMatchObject({ given: { args: [null, null] }, result: null, log: [{ message: '[redacted]' }] });
    expect(JSON.stringify(shown)).not.toContain('1234');
  });

  it('passes members called __proto__ on as what they are', () => {
    const result: unknown = JSON.parse('{"__proto__": {"pin": 1}}');
    const shown = redactor((value, { path }) => (path.at(-1) === 'pin' ? '***' : value)).run({ ...RUN, result });
    expect(JSON.stringify(shown.result)).toBe('{"__proto__":{"pin":"***"}}');
  });

  it('shows arguments that JSON cannot hold as they are shown without it', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const { given } = redactor((value) => value).run({ ...RUN, given: { args: [cycle], kwargs: { cycle, n: 5n } } });
    const self = expect.stringContaining('Circular') as unknown;
    expect(given).toEqual({ args: [self], kwargs: { cycle: self, n: '5n' } });
  });

  it('does not fail for a run without anything to show', () => {
    const empty = { ...RUN, given: null, result: null, error: null, log: [] };
    expect(redactor(() => '***').run(empty)).toEqual(empty);
  });
});
