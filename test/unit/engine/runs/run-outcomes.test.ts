import {
  InvalidInputError,
  Scheduler,
  type Run,
  type RunContext,
  type RunLimitOptions,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND, START } from '../../../support/engine.js';

/** The record of one run of a task. */
async function recordOf(task: (context: RunContext) => unknown, limits: RunLimitOptions = {}): Promise<Run> {
  const { scheduler, clock } = engineWorld({ limits });
  await scheduler.addJob({ id: 'a', task, trigger: 'date', runDate: START + SECOND });
  await scheduler.start();
  await clock.advance('1s');
  const { runs } = await scheduler.getRuns();
  expect(runs).toHaveLength(1);
  return runs[0] as Run;
}

const nothing = (): undefined => undefined;
const circular: Record<string, unknown> = {};
circular['self'] = circular;

describe('What a task returns', () => {
  it.each<[string, unknown, unknown]>([
    ['nothing', undefined, null],
    ['null', null, null],
    ['a number', 0, 0],
    ['false', false, false],
    ['an empty text', '', ''],
    ['a list', [1, 'two', [null]], [1, 'two', [null]]],
    ['an object', { a: { b: 1 } }, { a: { b: 1 } }],
    ['a date', new Date(START), '2030-01-01T00:00:00.000Z'],
    ['an object that says how it is written', { toJSON: () => 'mine' }, 'mine'],
    ['an object with members that JSON leaves away', { a: 1, b: undefined, c: (): number => 1 }, { a: 1 }],
    ['a member by the name of __proto__', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
  ])('is kept as JSON holds it: %s', async (_, value, kept) => {
    const run = await recordOf(() => value);
    expect(run).toMatchObject({ state: 'succeeded', resultOmitted: null });
    expect(JSON.stringify(run.result)).toBe(JSON.stringify(kept));
  });

  // Made when the test runs: their getters throw at whoever prints them.
  it.each<[string, () => unknown]>([
    ['a BigInt', () => 1n],
    ['a circle', () => circular],
    ['a function', () => nothing],
    ['a symbol', () => Symbol('x')],
    ['what is not a number', () => NaN],
    ['infinity', () => Infinity],
    ['a toJSON that throws', () => ({ toJSON: () => fail() })],
    ['a toJSON that says nothing', () => ({ toJSON: nothing })],
    ['a getter that throws', () => Object.defineProperty({}, 'a', { enumerable: true, get: () => fail() })],
  ])('is left out, and the run says so: %s', async (_, make) => {
    const run = await recordOf(make);
    expect(run).toMatchObject({ state: 'succeeded', result: null, resultOmitted: 'JSON cannot hold it' });
  });

  it('is left out when it is too long', async () => {
    expect(await recordOf(() => 'x'.repeat(29_998))).toMatchObject({ result: 'x'.repeat(29_998) });
    expect(await recordOf(() => 'x'.repeat(29_999))).toMatchObject({
      result: null,
      resultOmitted: 'its JSON is too long: 30001 bytes, and limits.resultBytes is 30000',
    });
  });

  it('is left out beyond limits.resultBytes, in UTF-8', async () => {
    const limits = { resultBytes: 8 };
    expect(await recordOf(() => '€€', limits)).toMatchObject({ result: '€€', resultOmitted: null });
    expect(await recordOf(() => '€€a', limits)).toMatchObject({
      state: 'succeeded',
      result: null,
      resultOmitted: 'its JSON is too long: 9 bytes, and limits.resultBytes is 8',
    });
  });

  it('is kept as it was then, whatever the task does to it later', async () => {
    const rows: number[] = [1];
    const run = await recordOf(() => ({ rows }));
    rows.push(2);
    expect(run.result).toEqual({ rows: [1] });
  });
});

describe('What a task throws', () => {
  const someText = expect.any(String) as string;
  const throwing = { get: () => fail() };

  it.each<[string, () => unknown, { name: string; message: string }]>([
    ['an error', () => new RangeError('too far'), { name: 'RangeError', message: 'too far' }],
    ['a text', () => 'broken', { name: 'Error', message: 'broken' }],
    ['nothing', nothing, { name: 'Error', message: 'undefined' }],
    ['null', () => null, { name: 'Error', message: 'null' }],
    ['an object', () => ({ code: 5 }), { name: 'Error', message: '{ code: 5 }' }],
    ['a DOMException', () => new DOMException('gone', 'AbortError'), { name: 'AbortError', message: 'gone' }],
    [
      'an error whose message is none',
      () => Object.assign(new Error('x'), { message: 5 }),
      { name: 'Error', message: someText },
    ],
    [
      'an error whose getters throw',
      () => Object.defineProperties(new Error('x'), { stack: throwing, name: throwing, message: throwing }),
      { name: 'Error', message: someText },
    ],
  ])('is kept in words: %s', async (_, make, kept) => {
    const thrown = make();
    const run = await recordOf(() => {
      throw thrown;
    });
    expect(run).toMatchObject({ state: 'failed', error: kept, result: null });
    const rejected = await recordOf(() => Promise.reject(thrown));
    expect(rejected).toMatchObject({ state: 'failed', error: kept });
  });

  it('is cut where it is too long: its name, its message and its stack', async () => {
    const run = await recordOf(() => {
      throw Object.assign(new Error('m'.repeat(1_000_000)), { name: 'n'.repeat(1_000_000) });
    });
    expect(run.error?.name.length).toBeLessThanOrEqual(1_000);
    expect(run.error?.message).toHaveLength(10_000);
    expect(run.error?.stack).toHaveLength(10_000);
    expect(run.error?.message).toMatch(/m\.\.\.$/);
  });

  it('is cut between characters, not within one', async () => {
    const run = await recordOf((context) => {
      context.log('🙂'.repeat(1_000));
      context.log(`x${'🙂'.repeat(1_000)}`);
      throw new Error(`x${'🙂'.repeat(10_000)}`);
    });
    expect(run.error?.message.isWellFormed()).toBe(true);
    expect(run.log.map(({ message }) => message.isWellFormed())).toEqual([true, true]);
  });
});

describe('What a task says of its run', () => {
  it('is kept with it, with the time at which it was said', async () => {
    const { scheduler, clock } = engineWorld();
    const work = gate();
    const task = async (context: RunContext): Promise<void> => {
      context.log('first');
      context.progress(0.25);
      await work.promise;
      context.log('second');
      context.progress(1);
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 10 });
    await scheduler.start();
    await clock.advance('12s');
    expect((await scheduler.getRuns()).runs).toMatchObject([
      { progress: 0.25, log: [{ time: START + 10 * SECOND, message: 'first' }] },
    ]);
    work.open();
    await clock.advance(0);
    expect((await scheduler.getRuns()).runs).toMatchObject([
      {
        progress: 1,
        log: [
          { time: START + 10 * SECOND, message: 'first' },
          { time: START + 12 * SECOND, message: 'second' },
        ],
      },
    ]);
    await scheduler.shutdown();
  });

  it('is the last 100,000 bytes of lines, each of a thousand characters at most', async () => {
    const run = await recordOf((context) => {
      for (let n = 0; n < 250; n++) context.log(`${n}:${'x'.repeat(2_000)}`);
    });
    expect(run.log).toHaveLength(100);
    expect(run.log[0]?.message).toMatch(/^150:x+\.\.\.$/);
    expect(run.log.every(({ message }) => message.length === 1_000)).toBe(true);
  });

  it('is the last thousand lines at most, however short', async () => {
    const run = await recordOf((context) => {
      for (let n = 0; n < 1_500; n++) context.log(String(n));
    });
    expect(run.log).toHaveLength(1_000);
    expect(run.log[0]?.message).toBe('500');
  });

  it('is as much as limits.logBytes says, in UTF-8', async () => {
    const limits = { logBytes: 1_200 };
    const line = '€'.repeat(200);
    const two = await recordOf(({ log }) => [line, line].forEach((said) => log(said)), limits);
    expect(two.log.map(({ message }) => message)).toEqual([line, line]);
    const three = await recordOf(({ log }) => [line, line, 'a'].forEach((said) => log(said)), limits);
    expect(three.log.map(({ message }) => message)).toEqual([line, 'a']);
  });

  it('has its latest line even where that is as long as a line can be', async () => {
    const { log } = await recordOf((context) => context.log('€'.repeat(2_000)), { logBytes: 1_000 });
    expect(log.map(({ message }) => message)).toEqual([`${'€'.repeat(330)}...`]);
  });

  it.each<[string, unknown, string]>([
    ['a number', 5, '5'],
    ['an object', { a: 1 }, '{ a: 1 }'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
  ])('is text, whatever JavaScript gives: %s', async (_, said, kept) => {
    const { state, log } = await recordOf((context) => context.log(said as string));
    expect(state).toBe('succeeded');
    expect(log.map(({ message }) => message)).toEqual([kept]);
  });

  it.each([-0.1, 1.1, NaN, Infinity, '0.5', true, null, undefined, 1n])(
    'is a progress from 0 to 1, and not %s',
    async (fraction) => {
      const run = await recordOf((context) => {
        expect(() => context.progress(fraction as number)).toThrow(InvalidInputError);
        context.progress(0.5);
        expect(() => context.progress(fraction as number)).toThrow(/fraction must be a number from 0 to 1/);
      });
      expect(run).toMatchObject({ state: 'succeeded', progress: 0.5 });
    },
  );

  it('changes nothing any more once the run is over', async () => {
    let kept!: RunContext;
    const { scheduler, clock } = engineWorld();
    const task = (context: RunContext): void => {
      kept = context;
      context.log('in time');
    };
    await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 10 });
    await scheduler.start();
    await clock.advance('10s');
    kept.log('too late');
    kept.progress(1);
    const [run] = (await scheduler.getRuns()).runs;
    expect(run).toMatchObject({ state: 'succeeded', progress: null, log: [{ message: 'in time' }] });
  });
});

function fail(): never {
  throw new Error('no');
}

it('A task may take log() and progress() out of its context', async () => {
  const { scheduler, clock } = engineWorld();
  const task = ({ log, progress }: RunContext): void => {
    log('half of it');
    progress(0.5);
  };
  await scheduler.addJob({ id: 'a', task, trigger: 'interval', seconds: 1 });
  await scheduler.start();
  await clock.advance('1s');
  expect((await scheduler.getRuns()).runs).toMatchObject([{ log: [{ message: 'half of it' }], progress: 0.5 }]);
  await scheduler.shutdown();
});

describe('What caused an error', () => {
  it('is kept with the run, however deep', async () => {
    const refused = new TypeError('connection refused');
    const { error } = await recordOf(() => {
      throw new Error('no report', { cause: new Error('no data', { cause: refused }) });
    });
    expect(error).toMatchObject({
      message: 'no report',
      cause: { message: 'no data', cause: { name: 'TypeError', message: 'connection refused' } },
    });
    expect(error?.cause?.cause).not.toHaveProperty('cause');
  });

  it('may be anything', async () => {
    const { error } = await recordOf(() => {
      throw new Error('no report', { cause: { code: 17 } });
    });
    expect(error?.cause).toEqual({ name: 'Error', message: '{ code: 17 }', stack: null });
  });

  it('is kept of each error that an AggregateError collects, up to ten', async () => {
    const { error } = await recordOf(() =>
      Promise.any(
        Array.from({ length: 30 }, (_, n) => Promise.reject(new Error(`${n}`, { cause: n === 1 ? 'cut' : undefined }))),
      ),
    );
    expect(error?.name).toBe('AggregateError');
    expect(error?.errors?.map(({ message }) => message)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(error?.errors?.[1]?.cause?.message).toBe('cut');
  });

  it('ends where it comes round again, and is bounded in depth and length', async () => {
    const circle = new Error('round');
    circle.cause = new Error('and', { cause: circle });
    expect((await recordOf(() => Promise.reject(circle))).error).toEqual({
      ...kept('round'),
      cause: kept('and'),
    });
    let deep = new Error('x'.repeat(100_000));
    for (let depth = 0; depth < 1000; depth++) deep = new Error('x'.repeat(100_000), { cause: deep });
    expect(JSON.stringify((await recordOf(() => Promise.reject(deep))).error).length).toBeLessThan(200_000);
  });

  it('does no harm when its getter throws', async () => {
    const error = Object.defineProperty(new Error('no report'), 'cause', {
      get: () => {
        throw new Error('no');
      },
    });
    expect((await recordOf(() => Promise.reject(error))).error).toEqual(kept('no report'));
  });
});

const kept = (message: string): object => ({
  name: 'Error',
  message,
  stack: expect.stringContaining(message) as unknown,
});

describe('A task that is a generator', () => {
  const generators: [string, () => unknown][] = [
    ['a generator', function* () {}],
    ['an async generator', async function* () {}],
  ];
  it.each(generators)('is refused: %s', async (_, task) => {
    const { scheduler } = engineWorld();
    expect(() => scheduler.registerTask('work', task)).toThrow(/must not be a generator/);
    expect(() => scheduler.tasks.register('work', () => task(), task)).toThrow(/must not be a generator/);
    await expect(scheduler.addJob({ id: 'a', task, trigger: 'date' })).rejects.toThrow(/task must not be a generator/);
  });

  it.each(generators)('fails when only what it returns shows it: %s', async (_, task) => {
    for (const wrapped of [() => task(), () => Promise.resolve(task())]) {
      const { state, error } = await recordOf(wrapped);
      expect(state).toBe('failed');
      expect(error?.message).toMatch(/returned a generator, which runs only when iterated/);
    }
  });
});

describe('A series of failures', () => {
  it('is logged with each new message, and those at a bounded rate', async () => {
    const { scheduler, clock, logger } = engineWorld();
    let message = 'down';
    await scheduler.addJob({
      id: 'a',
      task: () => {
        throw new Error(message);
      },
      trigger: 'interval',
      seconds: 1,
    });
    await scheduler.start();
    const errors = (): number => logger.lines.filter((line) => line.startsWith('error: Job "a" failed')).length;
    await clock.advance('3s');
    expect(errors()).toBe(1);
    message = 'disk full';
    await clock.advance('3s');
    expect(errors()).toBe(2);
    expect(logger.lines).toContain('error: Job "a" failed, 4 times in a row');
    for (let n = 0; n < 120; n++) {
      message = `row ${n}`;
      await clock.advance('1s');
    }
    // Eight more at once, then one a minute.
    expect(errors()).toBe(11);
    message = 'row 7';
    await clock.advance('2m');
    expect(errors()).toBe(11);
  });
});

describe('The limits of what is kept of runs', () => {
  it('are checked when the scheduler is made, every one of them', () => {
    const limits = { resultBytes: 0, logBytes: 999, bodyBytes: 5 } as RunLimitOptions;
    expect(() => new Scheduler({ limits })).toThrow(
      'Invalid limits: limits.bodyBytes is not known here; known are resultBytes, logBytes; ' +
        'limits.resultBytes must be a whole number of at least 1, got 0; ' +
        'limits.logBytes must be a whole number of at least 1000, got 999',
    );
  });
});
