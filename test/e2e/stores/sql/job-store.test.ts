import Database from 'better-sqlite3';
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely';
import {
  InvalidInputError,
  ManualClock,
  Scheduler,
  SystemClock,
  type Clock,
  type JobSpec,
  type RunPlan,
} from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { afterEach, describe, expect, it } from 'vitest';
import { record } from '../../../contract/job-store.suite.js';
import { memoryLogger } from '../../../support/engine.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();

/** The computer's clock, so far out of step. */
class SkewedClock extends SystemClock {
  constructor(private readonly skewMs: number) {
    super();
  }

  override now(): number {
    return super.now() + this.skewMs;
  }
}

describe.each(databases.filter(({ available }) => available))(
  'A SQL job store on $title',
  { timeout: 60_000 },
  ({ name, fresh }) => {
    const closing: (() => Promise<unknown>)[] = [];

    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });

    async function open(url: string, options = {}): Promise<SqlJobStore> {
      const store = new SqlJobStore({ url, ...options });
      await store.start();
      closing.push(() => store.stop());
      return store;
    }

    const scheduler = (url: string, clock: Clock, logger = memoryLogger()): Scheduler => {
      const made = new Scheduler({ clock, logger, timezone: 'UTC', jobStores: { default: new SqlJobStore({ url }) } });
      closing.push(async () => (made.running ? made.shutdown({ wait: false }) : undefined));
      return made;
    };

    it('has no job and no run of an id with NUL', async () => {
      const node = scheduler(await fresh(), new SystemClock());
      await node.start();
      expect(await node.getJob('a\0')).toBeUndefined();
      await expect(node.removeJob('a\0')).rejects.toThrow('not found');
      expect(await node.getRun('a\0')).toBeUndefined();
      expect(await node.getRuns({ jobId: 'a\0' })).toMatchObject({ runs: [] });
    });

    it('keeps its jobs when it is closed, apart for each namespace', async () => {
      const url = await fresh();
      const store = await open(url);
      await store.add(record('a', 1000, { args: ['ü', 1, null], kwargs: { on: true } }));
      await store.stop();
      expect(await (await open(url)).get('a')).toMatchObject({ args: ['ü', 1, null], kwargs: { on: true } });
      expect(await (await open(url, { namespace: 'other' })).list()).toEqual([]);
    });

    it.each<[string, unknown, string]>([
      ['a date', new Date(0), 'args.0'],
      ['a Map', { in: new Map() }, 'args.0.in'],
      ['NaN', [NaN], 'args.0.0'],
      ['nothing', undefined, 'args.0'],
      ['a function', () => 1, 'args.0'],
    ])('refuses %s among the arguments, naming the field', async (_what, value, field) => {
      const store = await open(await fresh());
      const adding = store.add(record('a', 1000, { args: [value] }));
      await expect(adding).rejects.toThrow(InvalidInputError);
      await expect(adding).rejects.toThrow(`${field} must be plain JSON`);
      expect(await store.list()).toEqual([]);
    });

    it('adds all of many jobs or none, and names the first that is there', async () => {
      const store = await open(await fresh());
      await store.add(record('b', 1000));
      await expect(store.addMany(['a', 'c', 'b'].map((id) => record(id, 1000)))).rejects.toThrow('Job "b"');
      expect(await store.list()).toHaveLength(1);
      await store.addMany(Array.from({ length: 2500 }, (_, index) => record(`job-${index}`, 1000)));
      expect(await store.list()).toHaveLength(2501);
    });

    it('hands out arguments as they were when the job was added, whatever becomes of them there', async () => {
      const store = await open(await fresh());
      const [list, inside] = [['a'], { deep: { on: true } }];
      const added = [
        record('list', 1000, { args: [list] }),
        record('kwargs', 1000, { kwargs: { inside } }),
        record('plain', 1000, { args: ['a', 1, null], kwargs: { on: true } }),
      ];
      await store.addMany(added);
      list.push('b');
      inside.deep.on = false;
      const claimed = new Map<string, JobSpec>();
      const plan = (job: JobSpec): RunPlan => {
        claimed.set(job.id, job);
        return { runs: [], leftOut: [], next: null, pausesJob: true };
      };
      await store.claimDue({ now: Date.now(), limit: 10, plan, retry: () => null });
      expect(claimed.get('list')?.args).toEqual([['a']]);
      expect(claimed.get('kwargs')?.kwargs).toEqual({ inside: { deep: { on: true } } });
      expect(claimed.get('plain')).toMatchObject({ args: ['a', 1, null], kwargs: { on: true } });
    });

    it('leaves a job alone that it cannot read, and tells of it once; the others are its own as ever', async () => {
      const url = await fresh();
      const store = await open(url);
      const logger = memoryLogger();
      await store.addMany([record('strange', 1000), record('known', 1000)]);
      await plainSql(
        url,
        `UPDATE scheduler_jobs SET spec = '{"trigger":{"type":"moon"}}', spec_hash = 'x' WHERE id = 'strange'`,
      );
      const other = scheduler(url, new SystemClock(), logger);
      let ran!: (jobId: string) => void;
      const first = new Promise<string>((resolve) => (ran = resolve));
      other.registerTask('app:work', (context: { jobId: string }) => ran(context.jobId));
      await other.start();
      expect(await first).toBe('known');
      expect((await other.getJobs()).map(({ id }) => id)).toEqual(['known']);
      await expect(other.pauseJob('strange')).rejects.toThrow('Job "strange"');
      const told = logger.lines.filter((line) => line.includes('Job "strange" is left alone'));
      expect(told).toHaveLength(1);
      expect(await plainSql(url, `SELECT id FROM scheduler_jobs WHERE id = 'strange'`)).toHaveLength(1);
    });

    it('keeps of a job what a later release has written there', async () => {
      const url = await fresh();
      const store = await open(url);
      await store.add(record('a', 1000));
      const [row] = await plainSql(url, 'SELECT spec FROM scheduler_jobs');
      const spec = JSON.stringify({ ...JSON.parse(String(row?.['spec'])), colour: 'red' });
      await plainSql(url, `UPDATE scheduler_jobs SET spec = '${spec}', spec_hash = 'x'`);
      await store.update('a', (job) => ({ ...job, name: 'new' }));
      expect(await store.get('a')).not.toHaveProperty('colour');
      const [changed] = await plainSql(url, 'SELECT spec FROM scheduler_jobs');
      expect(JSON.parse(String(changed?.['spec']))).toMatchObject({ name: 'new', colour: 'red' });
    });

    it("goes by the database's clock: nodes five minutes apart run each time once, and are told", async () => {
      const url = await fresh();
      const loggers = [memoryLogger(), memoryLogger()];
      const times: number[] = [];
      let enough!: () => void;
      const done = new Promise<void>((resolve) => (enough = resolve));
      for (const [index, skew] of [-300_000, 300_000].entries()) {
        const node = scheduler(url, new SkewedClock(skew), loggers[index]);
        node.registerTask('work', ({ scheduledTime }: { scheduledTime: number }) => {
          if (times.push(scheduledTime) === 4) enough();
        });
        await node.start();
        if (index > 0) continue;
        const start = new Date(Date.now() + 1000);
        await node.addJob({ id: 'a', task: 'work', trigger: 'interval', every: '500ms', startDate: start });
      }
      await done;
      const seen = times.slice(0, 4);
      expect(new Set(seen).size).toBe(4);
      // In real time: neither five minutes early nor late.
      expect(Math.abs(Date.now() - (seen[3] ?? 0))).toBeLessThan(20_000);
      expect(loggers[0]?.lines.join()).toContain("clock of this node is 300 s behind the database's");
      expect(loggers[1]?.lines.join()).toContain("clock of this node is 300 s ahead of the database's");
    });

    it.runIf(name === 'postgres')('tells other processes at once of what is due', async () => {
      const url = await fresh();
      // Without the bell nobody would look for an hour.
      const store = new SqlJobStore({ url, pollInterval: 3600 });
      const heir = new Scheduler({ logger: memoryLogger(), timezone: 'UTC', jobStores: { default: store } });
      closing.push(() => heir.shutdown({ wait: false }));
      let ran!: () => void;
      const done = new Promise<void>((resolve) => (ran = resolve));
      heir.registerTask('work', () => ran());
      await heir.start();
      const teller = scheduler(url, new SystemClock());
      teller.registerTask('other', () => undefined);
      await teller.start({ paused: true });
      const before = Date.now();
      await (await open(url)).add(record('a', before, { task: 'work' }));
      await done;
      expect(Date.now() - before).toBeLessThan(10_000);
    });
  },
);

describe('A SQL job store that does not hear whether a step was committed', () => {
  it(
    'makes the runs of that step once, when three heartbeats have shown that nobody has them',
    { timeout: 40_000 },
    async () => {
      const file = new Database(':memory:');
      let cuts = 0;
      let isTaking = false;
      const database = {
        close: () => file.close(),
        prepare(text: string): SqliteStatement {
          const statement = file.prepare(text) as unknown as SqliteStatement;
          isTaking ||= cuts === 0 && text.includes('INSERT INTO "scheduler_runs"');
          if (text !== 'COMMIT' || !isTaking) return statement;
          isTaking = false;
          cuts++;
          const run = (parameters: readonly unknown[]): never => {
            statement.run(parameters);
            throw new Error('The connection was cut');
          };
          return { reader: false, all: () => [], run, iterate: () => [][Symbol.iterator]() };
        },
      };
      const kysely = new Kysely({ dialect: new SqliteDialect({ database }) });
      const logger = memoryLogger();
      const store = new SqlJobStore({ kysely });
      const scheduler = new Scheduler({ logger, timezone: 'UTC', jobStores: { default: store } });
      const attempts: number[] = [];
      let ran!: () => void;
      const done = new Promise<void>((resolve) => (ran = resolve));
      scheduler.registerTask('work', ({ attempt }: { attempt: number }) => {
        attempts.push(attempt);
        ran();
      });
      await scheduler.start();
      await scheduler.addJob({ id: 'a', task: 'work', trigger: 'date', runDate: new Date() });
      await done;
      await expect.poll(() => scheduler.getJobs()).toEqual([]);
      expect([cuts, attempts]).toEqual([1, [2]]);
      await scheduler.shutdown();
      await kysely.destroy();
    },
  );

  it('makes a run by hand as a second attempt, whose caller was told that it failed', async () => {
    const file = new Database(':memory:');
    let isDeaf = false;
    const database = {
      close: () => file.close(),
      prepare(text: string): SqliteStatement {
        const statement = file.prepare(text) as unknown as SqliteStatement;
        if (text !== 'COMMIT' || !isDeaf) return statement;
        const run = (parameters: readonly unknown[]): never => {
          statement.run(parameters);
          throw new Error('The connection was cut');
        };
        return { reader: false, all: () => [], run, iterate: () => [][Symbol.iterator]() };
      },
    };
    const kysely = new Kysely({ dialect: new SqliteDialect({ database }) });
    const clock = new ManualClock(Date.now());
    const store = new SqlJobStore({ kysely, time: 'node' });
    const scheduler = new Scheduler({ clock, logger: memoryLogger(), timezone: 'UTC', jobStores: { default: store } });
    let calls = 0;
    scheduler.registerTask('work', () => calls++);
    await scheduler.start();
    await scheduler.addJob({ id: 'a', task: 'work', trigger: 'interval', hours: 1 });
    isDeaf = true;
    await expect(scheduler.runJob('a')).rejects.toThrow('Job store "default" failed: The connection was cut');
    isDeaf = false;
    expect((await scheduler.getRuns()).runs).toMatchObject([{ state: 'running' }]);
    await clock.advance('20s');
    const { runs } = await scheduler.getRuns();
    expect(runs.map(({ state, attempt }) => [state, attempt])).toEqual([
      ['succeeded', 2],
      ['lost', 1],
    ]);
    expect(calls).toBe(1);
    expect(await scheduler.getJob('a')).toMatchObject({ paused: false });
    await scheduler.shutdown();
    await kysely.destroy();
  });
});
