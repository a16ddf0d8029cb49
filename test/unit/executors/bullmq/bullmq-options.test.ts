import type { RunEnvelope } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { resolveBullmqOptions, type BullmqExecutorOptions } from '../../../../lib/executors/bullmq/bullmq-options.js';

const envelope: RunEnvelope = {
  ...{ runId: 'r', jobId: 'j', task: 't', args: [], kwargs: {}, scheduledTime: 0, attempt: 1 },
  ...{ timeout: null, deadline: null, trace: null },
};
const resolve = (options: unknown) => resolveBullmqOptions(options as BullmqExecutorOptions);
const queue = {
  ...{ name: 'given', opts: { connection: { port: 7 }, prefix: 'mine' }, toKey: String, on: () => undefined },
  ...{ addBulk: async () => [], getJob: async () => undefined, remove: async () => 1, close: async () => undefined },
};

describe('The options of a BullMQ executor', () => {
  it('have defaults', () => {
    expect(resolve({ queue: 'heavy' })).toMatchObject({
      ...{ name: 'heavy', queue: null, connection: 'redis://127.0.0.1:6379', prefix: 'bull' },
      ...{ deadlineMs: 86_400_000, graceMs: 5000 },
    });
    expect(resolve({ queue: 'heavy' }).jobOptions(envelope)).toEqual({});
  });

  it('take name, connection and prefix of a queue that is given', () => {
    expect(resolve({ queue })).toMatchObject({ name: 'given', queue, connection: { port: 7 }, prefix: 'mine' });
  });

  it('may decide by the run', () => {
    const { jobOptions } = resolve({
      queue: 'heavy',
      priority: ({ attempt }: RunEnvelope) => (attempt > 1 ? 1 : undefined),
      jobOptions: { lifo: true, priority: 5 },
    });
    expect(jobOptions(envelope)).toEqual({ lifo: true, priority: 5 });
    expect(jobOptions({ ...envelope, attempt: 2 })).toEqual({ lifo: true, priority: 1 });
    const wrong = resolve({ queue: 'heavy', jobOptions: () => ({ attempts: 3 }) });
    expect(() => wrong.jobOptions(envelope)).toThrow('jobOptions.attempts is not known, or the executor');
  });

  it.each([
    [undefined, 'must be an object with queue'],
    [{}, 'queue must be a Queue of BullMQ, or the name of one'],
    [{ queue: 'a:b' }, 'queue must be a Queue of BullMQ, or the name of one: text without ":"; got "a:b"'],
    [{ queue: { name: 'no queue' } }, 'queue must be a Queue'],
    [{ queue: { ...queue, opts: undefined } }, 'queue must be a Queue'],
    [{ queue: 'a', conection: 'x' }, 'conection is not known; known are queue, connection'],
    [{ queue: 'a', connection: 'localhost' }, 'connection must be a URL, options or a client of ioredis'],
    [{ queue: 'a', connection: 7 }, 'connection must be a URL'],
    [{ queue: 'a', prefix: '' }, 'prefix must be a non-empty string'],
    [{ queue, prefix: 'other' }, 'prefix must be that of the given queue, "mine", got "other"'],
    [{ queue: 'a', deadline: 0 }, 'deadline must be more than 0'],
    [{ queue: 'a', deadline: '2y' }, 'deadline must not count in years'],
    [{ queue: 'a', deadline: 1e9 }, 'deadline must be at most'],
    [{ queue: 'a', grace: -1 }, 'grace must be a number of seconds'],
    [{ queue: 'a', priority: 1.5 }, 'priority must be a whole number from 0 up to 2097152, got 1.5'],
    [{ queue: 'a', jobOptions: { jobId: 'x' } }, "jobOptions.jobId is not known, or the executor's own"],
    [{ queue: 'a', jobOptions: { lifo: 1 } }, 'jobOptions.lifo must be true or false'],
    [{ queue: 'a', jobOptions: 7 }, 'jobOptions must be an object or a function'],
  ])('refuse %j', (options, problem) => {
    expect(() => resolve(options)).toThrow(`Invalid BullMQ executor: `);
    expect(() => resolve(options)).toThrow(problem);
  });

  it.each(['redis//me:secret@localhost', { queue: 'a', connection: 'redis//me:secret@localhost' }])(
    'are refused without the password that may be in them: %j',
    (options) => {
      expect(() => resolve(options)).toThrow(/Invalid BullMQ executor: (?!.*secret)/s);
    },
  );

  it('are refused with every fault at once', () => {
    expect(() => resolve({ queue: '', grace: 'soon', prefix: 3 })).toThrow(/queue must.*prefix must.*grace must/);
  });
});
