import fc from 'fast-check';
import {
  MemoryJobStore,
  type ImportedLine,
  type ImportStreamOptions,
  type JobDefinition,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { readLines, type TextLine } from '../../../../lib/engine/transfer/lines.js';
import { engineWorld, HOUR, MINUTE, START, type EngineWorld } from '../../../support/engine.js';

const every = { task: 'app:work', trigger: 'interval', hours: 1 } as const;

async function listOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of source) list.push(one);
  return list;
}

async function world(jobStores = { default: new MemoryJobStore() }): Promise<EngineWorld> {
  const made = engineWorld({ jobStores });
  made.scheduler.registerTask('app:work', () => undefined);
  await made.scheduler.start({ paused: true });
  return made;
}

async function textOf(
  { scheduler }: EngineWorld,
  ...given: Parameters<typeof scheduler.exportStream>
): Promise<string> {
  return (await listOf(scheduler.exportStream(...given))).join('');
}

async function imported(
  { scheduler }: EngineWorld,
  source: string | readonly string[],
  options?: ImportStreamOptions,
): Promise<readonly ImportedLine[]> {
  return listOf(scheduler.importStream([source].flat(), options));
}

const outcomes = (lines: readonly ImportedLine[]): unknown => lines.map(({ line, id, outcome }) => [line, id, outcome]);
const messages = (lines: readonly ImportedLine[]): unknown => lines.flatMap(({ error }) => error?.message ?? []);

describe('An export of lines', () => {
  it('makes the same jobs when it is imported, however it is cut', async () => {
    const source = await world();
    const { scheduler } = source;
    const definitions: JobDefinition[] = [
      { ...every, id: 'ä', args: [1, { b: null }], kwargs: { to: 'ü\n' }, tags: ['x'], metadata: { a: [1] } },
      { ...every, id: 'limited', maxRuns: 5, description: 'five times', pauseAfterFailures: 2, retry: 3 },
      { ...every, id: 'moved', nextRunTime: START + 7 * MINUTE },
      { ...every, id: 'cron', trigger: 'cron', hour: 9, hours: undefined, timezone: 'Europe/Berlin' } as never,
    ];
    for (const definition of definitions) await scheduler.addJob(definition);
    await scheduler.addJob({ ...every, id: 'paused' });
    await scheduler.pauseJob('paused', { note: 'holiday', actor: 'ann' });
    await scheduler.declareJob({ ...every, id: 'declared' });
    const text = await textOf(source);
    const plain = async (of: EngineWorld): Promise<unknown> => JSON.parse(JSON.stringify(await of.scheduler.getJobs()));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 50 }), fc.boolean(), async (size, areBytes) => {
        const target = await world();
        const bytes = Buffer.from(text);
        const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
          bytes.subarray(n * size, (n + 1) * size),
        );
        const lines = await listOf(target.scheduler.importStream(areBytes ? parts : [text]));
        expect(messages(lines)).toEqual([]);
        expect(lines.length).toBe(6);
        expect(new Set((await plain(target)) as object[])).toEqual(new Set((await plain(source)) as object[]));
      }),
      { numRuns: 20 },
    );
  });

  it('has the jobs that a query finds, of any number, and names those that it cannot have', async () => {
    const source = await world();
    const ids = Array.from({ length: 600 }, (_, n) => `job-${String(n).padStart(3, '0')}`);
    await source.scheduler.addJobs(ids.map((id, n) => ({ ...every, id, tags: [n % 2 ? 'odd' : 'even'] })));
    const parts = await listOf(source.scheduler.exportStream({ tag: 'odd' }));
    expect(parts.length).toBe(2);
    const lines = parts
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id?: string });
    expect(lines[0]).toEqual({ format: 'nestjs-apscheduler', version: 1 });
    expect(lines.slice(1).map(({ id }) => id)).toEqual(ids.filter((_, n) => n % 2));
    await expect(textOf(source, { colour: 'red' } as never)).rejects.toThrow(/colour is not known/);
    await source.scheduler.addJob({ ...every, id: 'function', task: () => undefined });
    const text = await textOf(source, { text: 'function' });
    expect(JSON.parse(text.split('\n')[1] ?? '')).toEqual({
      skipped: {
        ...{ id: 'function', jobStore: 'default' },
        problem: expect.stringContaining('has no registered name') as unknown,
      },
    });
    expect(messages(await imported(await world(), text))).toEqual([
      expect.stringContaining('job "function" was not exported: runs the function'),
    ]);
  });

  it('marks jobs whose arguments are hidden, which cannot be imported', async () => {
    const source = await world();
    await source.scheduler.addJob({ ...every, id: 'open', args: [1] });
    await source.scheduler.addJob({ ...every, id: 'secret', kwargs: { token: 'hunter2' } });
    const text = await textOf(
      source,
      {},
      { shown: (job) => ({ ...job, kwargs: 'token' in job.kwargs ? { token: '*' } : {} }) },
    );
    expect(text).not.toContain('hunter2');
    const target = await world();
    const lines = await imported(target, text);
    expect(outcomes(lines)).toEqual([
      [2, 'open', 'added'],
      [3, 'secret', 'failed'],
    ]);
    expect(messages(lines)).toEqual([expect.stringContaining('redacted is set')]);
  });
});

describe('An import of lines', () => {
  const line = (job: object): string =>
    `${JSON.stringify({ task: 'app:work', trigger: { type: 'interval', hours: 1 }, ...job })}\n`;

  it('names each line that is broken, and imports the others', async () => {
    const target = await world();
    const lines = await imported(target, [
      line({ id: 'a' }),
      '{"id": \n',
      '\n',
      '[1]\n',
      line({ id: 'b', hours: 1, coalesce: 'maybe' }),
      line({ id: 7 }),
      line({ id: 'c', trigger: { type: 'interval' } }),
      line({ id: 'a' }),
      '{"format":"other"}\n',
      '{"format":"nestjs-apscheduler","version":2}\n',
      line({ id: 'd', pause: 'yes' }),
      line({ id: 'e' }).trim(),
    ]);
    expect(outcomes(lines)).toEqual([
      [1, 'a', 'added'],
      [2, null, 'failed'],
      [4, null, 'failed'],
      [5, 'b', 'failed'],
      [6, null, 'failed'],
      [7, 'c', 'failed'],
      [8, 'a', 'failed'],
      [9, null, 'failed'],
      [10, null, 'failed'],
      [11, 'd', 'failed'],
      [12, 'e', 'added'],
    ]);
    expect(messages(lines)).toMatchObject([
      expect.stringContaining('is not JSON'),
      expect.stringContaining('must be an object'),
      expect.stringMatching(/Invalid job "b": .*coalesce/),
      'Invalid line: id must be a string, got 7',
      expect.stringContaining('trigger'),
      expect.stringContaining('already exists'),
      expect.stringContaining('format must be nestjs-apscheduler'),
      expect.stringContaining('version must be 1'),
      expect.stringContaining('pause must have since'),
    ]);
    expect((await target.scheduler.getJobs()).map(({ id }) => id).toSorted()).toEqual(['a', 'e']);
  });

  it('fails, leaves out or replaces a job whose id is taken, as it is asked to', async () => {
    const target = await world();
    await target.scheduler.addJob({ ...every, id: 'a', name: 'old' });
    const source = [line({ id: 'a', name: 'new' }), line({ id: 'b' })];
    const nameOf = async (): Promise<unknown> => (await target.scheduler.getJob('a'))?.name;
    const dry = (onConflict: ImportStreamOptions['onConflict'] & string) =>
      imported(target, source, { dryRun: true, onConflict });
    for (const [onConflict, outcome] of [
      ['error', 'failed'],
      ['skip', 'skipped'],
      ['replace', 'replaced'],
    ] as const) {
      expect(outcomes(await dry(onConflict))).toEqual([
        [1, 'a', outcome],
        [2, 'b', 'added'],
      ]);
    }
    expect(await target.scheduler.getJob('b')).toBeUndefined();
    expect(await nameOf()).toBe('old');
    expect(outcomes(await imported(target, source, { onConflict: 'skip' }))).toEqual([
      [1, 'a', 'skipped'],
      [2, 'b', 'added'],
    ]);
    expect(await nameOf()).toBe('old');
    expect(outcomes(await imported(target, source, { onConflict: 'replace' }))).toEqual([
      [1, 'a', 'replaced'],
      [2, 'b', 'replaced'],
    ]);
    expect(await nameOf()).toBe('new');
  });

  it('maps stores, tasks and executors', async () => {
    const target = await world({ default: new MemoryJobStore(), other: new MemoryJobStore() } as never);
    const source = [line({ id: 'a', task: 'old', executor: 'pool' }), line({ id: 'b', task: 'gone' })];
    const options = { jobStore: 'other', tasks: { old: 'app:work', gone: null }, executors: { pool: 'default' } };
    expect(outcomes(await imported(target, source, options))).toEqual([
      [1, 'a', 'added'],
      [2, 'b', 'skipped'],
    ]);
    expect(await target.scheduler.getJob('a')).toMatchObject({
      jobStore: 'other',
      task: 'app:work',
      executor: 'default',
    });
  });

  it('imports what is asked for and nothing more', async () => {
    const target = await world();
    const results = target.scheduler.importStream([line({ id: 'a' }), line({ id: 'b' })]);
    await results.next();
    await results.return();
    expect((await target.scheduler.getJobs()).map(({ id }) => id)).toEqual(['a']);
  });

  it('ends with the error of a store that fails', async () => {
    const store = new MemoryJobStore();
    const target = await world({ default: store });
    store.add = () => Promise.reject(new Error('disk full'));
    await expect(imported(target, line({ id: 'a' }))).rejects.toThrow(/disk full/);
  });

  it.each<[string, object, RegExp]>([
    ['onConflict', { onConflict: 'maybe' }, /onConflict must be one of error, skip, replace, got "maybe"/],
    ['dryRun', { dryRun: 1 }, /dryRun must be true or false, got 1/],
    ['maxLineBytes', { maxLineBytes: 0 }, /maxLineBytes must be a whole number of at least 1, got 0/],
  ])('refuses a wrong %s', async (_, options, message) => {
    await expect(imported(await world(), '', options as ImportStreamOptions)).rejects.toThrow(message);
  });

  it('fails lines that are too long or not UTF-8, and keeps no more than that of them', async () => {
    const target = await world();
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0x0a]),
      Buffer.from(line({ id: 'x'.repeat(500) }) + line({ id: 'b' })),
    ]);
    const lines = await listOf(target.scheduler.importStream([bytes], { maxLineBytes: 200 }));
    expect(messages(lines)).toEqual(['The line is not UTF-8', 'The line is longer than 200 bytes']);
    expect(outcomes(lines)).toEqual([
      [1, null, 'failed'],
      [2, null, 'failed'],
      [3, 'b', 'added'],
    ]);
    expect((await target.scheduler.getJob('b'))?.nextRunTime).toBe(START + HOUR);
  });

  it('finds the lines that a text has, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 10 })), async (parts) => {
        const expected = parts.join('').split('\n');
        if (expected.at(-1) === '') expected.pop();
        const lines: TextLine[] = await listOf(readLines(parts, 1000));
        expect(lines).toEqual(expected.map((text, index) => ({ number: index + 1, text })));
      }),
    );
  });
});
