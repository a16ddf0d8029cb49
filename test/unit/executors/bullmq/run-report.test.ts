import { describe, expect, it } from 'vitest';
import { isAnswer, readReport } from '../../../../lib/executors/bullmq/run-report.js';
import { carry, revive } from '../../../../lib/executors/remote/carried-error.js';

describe('What a worker says of a run', () => {
  it('is read as it is written', () => {
    const error = JSON.parse(JSON.stringify(carry(new RangeError('far', { cause: new Error('why') })))) as unknown;
    const report = {
      ...{ worker: 'host:1', startedAt: 5, from: 2, lines: ['a'], progress: 0.5 },
      logged: [{ level: 'warn', message: 'm', error: null }],
      failure: { state: 'failed', error },
    };
    expect(readReport(report)).toEqual(report);
    expect(revive(readReport(report).failure!.error)).toMatchObject({ name: 'RangeError', cause: { message: 'why' } });
  });

  it('may be percent, as BullMQ has it', () => {
    expect([readReport(50), readReport(100), readReport(0), readReport(101)]).toEqual([
      { progress: 0.5 },
      { progress: 1 },
      {},
      {},
    ]);
  });

  it.each([
    [null],
    ['text'],
    [[1]],
    [{ worker: 7, startedAt: '1', from: -1, lines: 'x', logged: {}, progress: 2, failure: 'no' }],
    [{ startedAt: NaN, from: 0.5, failure: { state: 'failed' } }],
    [{ failure: { state: 'ended', error: { thrown: 1 } } }],
    [
      {
        failure: {
          state: 'failed',
          error: { name: 'E', message: 'm', stack: 1, members: {}, cause: null, errors: null },
        },
      },
    ],
    [
      {
        failure: {
          state: 'failed',
          error: { name: 'E', message: 'm', stack: null, members: {}, cause: 1, errors: null },
        },
      },
    ],
  ])('is nothing where it is nonsense: %j', (value) => {
    expect(readReport(value)).toEqual({});
  });

  it('keeps of lists what is usable', () => {
    const logged = [{ level: 'loud', message: 'm', error: null }, { level: 'info', message: 'ok', error: null }, 7];
    expect(readReport({ lines: ['a', 1, 'b'], logged })).toEqual({ lines: ['a', 'b'], logged: [logged[1]] });
  });

  it('is an answer only with its mark', () => {
    expect([isAnswer({ apscheduler: 1, value: 2 }), isAnswer({ value: 2 }), isAnswer(null)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
