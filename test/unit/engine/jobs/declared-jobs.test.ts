import {
  EVENT_JOB_ADDED,
  EVENT_JOB_REMOVED,
  InvalidInputError,
  ManualClock,
  MemoryJobStore,
  Scheduler,
  type JobDefinition,
  type JobRecord,
  type SchedulerOptions,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, HOUR, MINUTE, START, type EngineWorld } from '../../../support/engine.js';

const work = (id: string, hours = 1): JobDefinition => ({ id, task: 'work', trigger: 'interval', hours });

/** A start of a program that declares these jobs, on a store that it may share. */
async function program(
  store: MemoryJobStore,
  jobs: readonly JobDefinition[],
  options: SchedulerOptions = {},
): Promise<EngineWorld> {
  const world = engineWorld({ jobStores: { default: store }, ...options });
  world.scheduler.registerTask('work', () => undefined);
  for (const job of jobs) await world.scheduler.declareJob(job);
  await world.scheduler.completeDeclarations();
  await world.scheduler.start();
  return world;
}

const idsIn = async (store: MemoryJobStore): Promise<string[]> => (await store.list()).map(({ id }) => id).sort();
const warnings = ({ logger }: EngineWorld): string[] => logger.lines.filter((line) => line.startsWith('warn: '));
const undeclaredIn = async ({ scheduler }: EngineWorld): Promise<string[]> =>
  (await scheduler.undeclaredJobs()).map(({ id }) => id);

const warningsOf = ({ lines }: EngineWorld['logger']): readonly string[] =>
  lines.filter((line) => !line.startsWith('info'));

describe('A declared job', () => {
  it('says so, and by which release', async () => {
    const { scheduler } = await program(new MemoryJobStore(), [work('a')], { release: '1.2' });
    await scheduler.addJob(work('b'));
    expect((await scheduler.getJob('a'))?.declaredBy).toEqual({ release: '1.2' });
    expect(await scheduler.getJob('b')).not.toHaveProperty('declaredBy');
  });

  it('stays one when somebody changes, pauses or reschedules it', async () => {
    const { scheduler } = await program(new MemoryJobStore(), [work('a')], { release: '1' });
    await scheduler.modifyJob('a', { name: 'other', task: 'work' });
    await scheduler.rescheduleJob('a', { trigger: 'cron', hour: 9 });
    await scheduler.pauseJob('a');
    expect((await scheduler.getJob('a'))?.declaredBy).toEqual({ release: '1' });
  });

  it('is none any more when code puts another in its place', async () => {
    const { scheduler } = await program(new MemoryJobStore(), [work('a')]);
    await scheduler.addJob({ ...work('a'), replaceExisting: true });
    expect(await scheduler.getJob('a')).not.toHaveProperty('declaredBy');
  });

  it('has the latest release that has declared it', async () => {
    const store = new MemoryJobStore();
    for (const release of ['1.9', '1.10', '1.9', undefined])
      await program(store, [work('a')], release ? { release } : {});
    expect((await store.get('a'))?.declaredBy).toEqual({ release: '1.10' });
  });

  it('is not changed back by an earlier release that starts once more in a rolling deploy', async () => {
    const store = new MemoryJobStore();
    await program(store, [work('a', 1)], { release: '1' });
    await program(store, [work('a', 2)], { release: '2' });
    const before = await store.get('a');
    const old = await program(store, [work('a', 1)], { release: '1' });
    expect(await store.get('a')).toEqual(before);
    expect(old.happened(EVENT_JOB_ADDED)).toEqual([]);
    expect(warnings(old)).toMatchObject([/This is release 1; left as later releases declare them: "a" \(release 2\)/]);
    await program(store, [work('a', 3)], { release: '3' });
    expect((await store.get('a'))?.trigger.toJSON()).toMatchObject({ hours: 3 });
  });

  it('is what the last one declares where releases do not say what they are', async () => {
    const store = new MemoryJobStore();
    for (const hours of [1, 2, 1]) await program(store, [work('a', hours)]);
    expect((await store.get('a'))?.trigger.toJSON()).toMatchObject({ hours: 1 });
  });

  it('is declared, though its last time is past and it is not added', async () => {
    const store = new MemoryJobStore();
    const past = { id: 'once', task: 'work', trigger: 'date', runDate: START - HOUR } as const;
    await store.add({ ...(await oneRecord(work('once'))), declaredBy: { release: null } });
    const { scheduler, logger } = await program(store, [past], { release: '2', prune: true });
    expect(await idsIn(store)).toEqual(['once']);
    expect(await scheduler.undeclaredJobs()).toEqual([]);
    expect(warningsOf(logger)).toEqual([]);
    expect(await scheduler.declareJob(past)).toBeUndefined();
  });
});

async function oneRecord(job: JobDefinition): Promise<JobRecord> {
  const store = new MemoryJobStore();
  await program(store, [job]);
  return (await store.list())[0] as JobRecord;
}

describe('Jobs that are declared no more', () => {
  it('are told of once at the start, can be asked for, and go on', async () => {
    const store = new MemoryJobStore();
    await program(store, [work('a'), work('b'), work('c')], { release: '1' });
    await program(store, [work('d')]);
    const now = await program(store, [work('b')], { release: '2' });
    expect(warnings(now)).toEqual([
      'warn: Declared once, and not by this program: "a" (release 1), "c" (release 1), "d". They go on; remove them, or say prune and release',
    ]);
    expect(await undeclaredIn(now)).toEqual(['a', 'c', 'd']);
    expect(await idsIn(store)).toEqual(['a', 'b', 'c', 'd']);
    await now.clock.advance(HOUR);
    expect(warnings(now)).toHaveLength(1);
  });

  it('are not those that code added, nor those that a later release declares', async () => {
    const store = new MemoryJobStore();
    const { scheduler } = await program(store, [work('new')], { release: '2' });
    await scheduler.addJob(work('added'));
    const old = await program(store, [], { release: '1', prune: true });
    expect(await undeclaredIn(old)).toEqual([]);
    expect(warningsOf(old.logger)).toEqual([]);
    expect(await idsIn(store)).toEqual(['added', 'new']);
  });

  it('are named up to twenty, and counted beyond', async () => {
    const store = new MemoryJobStore();
    await program(
      store,
      Array.from({ length: 25 }, (_, n) => work(`j${n}`)),
    );
    const [line] = warnings(await program(store, []));
    expect(line?.match(/"j\d+"/g)).toHaveLength(20);
    expect(line).toContain(' and 5 more.');
  });

  it('cannot be told before all are declared: nothing is told or removed until then', async () => {
    const store = new MemoryJobStore();
    await program(store, [work('a'), work('b')], { release: '1' });
    const world = engineWorld({ jobStores: { default: store }, release: '2', prune: true });
    await world.scheduler.start();
    world.scheduler.registerTask('work', () => undefined);
    await world.scheduler.declareJob(work('a'));
    expect(await idsIn(store)).toEqual(['a', 'b']);
    await world.scheduler.completeDeclarations();
    expect(await idsIn(store)).toEqual(['a']);
  });

  it('that cannot be looked for do not keep the scheduler from running', async () => {
    class Failing extends MemoryJobStore {
      override async list(which?: 'declared'): Promise<readonly JobRecord[]> {
        if (which) throw new Error('disk full');
        return super.list();
      }
    }
    const { scheduler, logger } = await program(new Failing(), [work('a')], { release: '1', prune: true });
    expect(scheduler.running).toBe(true);
    expect(logger.lines).toEqual(['error: Jobs that are declared no more could not be looked for']);
  });
});

describe('With prune', () => {
  it('those of earlier releases are removed at the start, and listeners told; none of them runs first', async () => {
    const store = new MemoryJobStore();
    await program(store, [work('a'), work('b')], { release: '1.9' });
    await program(store, [work('c')]);
    const ran: string[] = [];
    const now = engineWorld({ jobStores: { default: store }, release: '1.10', prune: true });
    now.scheduler.registerTask('work', ({ jobId }: { jobId: string }) => void ran.push(jobId));
    await now.clock.advance(2 * HOUR);
    await now.scheduler.declareJob(work('b'));
    await now.scheduler.completeDeclarations();
    await now.scheduler.start();
    await now.clock.advance(MINUTE);
    expect(await idsIn(store)).toEqual(['b']);
    expect(ran).toEqual(['b']);
    expect(now.happened(EVENT_JOB_REMOVED).map(({ jobId }) => jobId)).toEqual(['a', 'c']);
    expect(now.logger.lines).toEqual([
      'info: 1 job(s) declared; the next is due at 2030-01-01T01:00:00.000Z',
      'info: Removed, as release 1.10 does not declare them: "a" (release 1.9), "c"',
    ]);
  });

  it('those of the same release stay, and are told of: another part of it may declare them', async () => {
    const store = new MemoryJobStore();
    await program(store, [work('worker')], { release: '2' });
    const api = await program(store, [work('api')], { release: '2', prune: true });
    expect(await idsIn(store)).toEqual(['api', 'worker']);
    expect(warnings(api)).toMatchObject([
      /"worker" \(release 2\)\. They stay: no earlier release has declared them last/,
    ]);
  });

  it('runs that are under way go on, and stay in the history', async () => {
    const store = new MemoryJobStore();
    const { promise, open } = gate();
    const old = engineWorld({ jobStores: { default: store }, release: '1' });
    old.scheduler.registerTask('work', () => promise);
    await old.scheduler.declareJob(work('a'));
    await old.scheduler.start();
    await old.clock.advance(HOUR);
    await program(store, [], { release: '2', prune: true });
    expect(await idsIn(store)).toEqual([]);
    open();
    await old.clock.advance(MINUTE);
    expect((await old.scheduler.getRuns({ jobId: 'a' })).runs).toMatchObject([{ state: 'succeeded' }]);
  });

  it('one that is declared again while it is about to be removed stays', async () => {
    class Hesitant extends MemoryJobStore {
      meanwhile: (() => Promise<unknown>) | undefined;
      override async removeIf(id: string, predicate: (current: JobRecord) => boolean): Promise<boolean> {
        await this.meanwhile?.();
        return super.removeIf(id, predicate);
      }
    }
    const store = new Hesitant();
    await program(store, [work('a')], { release: '1' });
    store.meanwhile = () => program(store, [work('a')], { release: '2' });
    const now = await program(store, [], { release: '3', prune: true });
    expect(now.happened(EVENT_JOB_REMOVED)).toHaveLength(1);
    await program(store, [work('b')], { release: '1' });
    store.meanwhile = () => program(store, [work('b')], { release: '3' });
    await program(store, [], { release: '3', prune: true });
    expect(await idsIn(store)).toEqual(['b']);
  });

  it('an earlier release that starts again brings its own jobs back, and the next start of a later one removes them', async () => {
    const store = new MemoryJobStore();
    const older = { release: '1', prune: true };
    const newer = { release: '2', prune: true };
    await program(store, [work('old'), work('both')], older);
    await program(store, [work('new'), work('both')], newer);
    expect(await idsIn(store)).toEqual(['both', 'new']);
    await program(store, [work('old'), work('both')], older);
    expect(await idsIn(store)).toEqual(['both', 'new', 'old']);
    await program(store, [work('new'), work('both')], newer);
    expect(await idsIn(store)).toEqual(['both', 'new']);
  });

  it('needs to know which release this is', () => {
    expect(() => new Scheduler({ prune: true })).toThrow(InvalidInputError);
    expect(() => new Scheduler({ prune: true })).toThrow(/release is missing: prune removes what earlier releases/);
    expect(() => new Scheduler({ release: '' })).toThrow(/release must be a text of 1 to 100 characters, got ""/);
  });
});

describe('A declared job whose trigger names no time zone', () => {
  const daily: JobDefinition = { id: 'a', task: 'work', trigger: 'cron', hour: 9 };
  const at = async ({ scheduler }: EngineWorld): Promise<unknown> => {
    const job = await scheduler.getJob('a');
    return [job?.trigger.timezone, new Date(job?.nextRunTime ?? 0).toISOString()];
  };
  const inBerlin = ['Europe/Berlin', '2030-01-01T08:00:00.000Z'];

  it('stays in the zone of its first declaration when another node has another default, which is logged', async () => {
    const store = new MemoryJobStore();
    const first = await program(store, [daily], { timezone: 'Europe/Berlin' });
    expect(await at(first)).toEqual(inBerlin);
    const second = await program(store, [daily], { timezone: 'America/New_York' });
    expect(await at(second)).toEqual(inBerlin);
    expect(warnings(second)).toEqual([expect.stringContaining('"a" stays in time zone Europe/Berlin')]);
    expect(warnings(await program(store, [daily], { timezone: 'Europe/Berlin' }))).toEqual([]);
  });

  it('stays there when it is declared with other times', async () => {
    const store = new MemoryJobStore();
    await program(store, [daily], { timezone: 'Europe/Berlin' });
    const second = await program(store, [{ ...daily, hour: 10 }], { timezone: 'America/New_York' });
    expect(await at(second)).toEqual(['Europe/Berlin', '2030-01-01T09:00:00.000Z']);
  });

  it('moves when its declaration names a zone, or with a later release', async () => {
    const store = new MemoryJobStore();
    await program(store, [daily], { timezone: 'Europe/Berlin', release: '1' });
    const later = await program(store, [daily], { timezone: 'America/New_York', release: '2' });
    expect(await at(later)).toEqual(['America/New_York', '2030-01-01T14:00:00.000Z']);
    const named = await program(store, [{ ...daily, timezone: 'Europe/Berlin' }], { timezone: 'UTC', release: '2' });
    expect(await at(named)).toEqual(inBerlin);
  });
});

describe('A declared job that has had its last time', () => {
  const once: JobDefinition = { id: 'once', task: 'work', trigger: 'date', runDate: new Date(START + MINUTE) };

  /** Two nodes that declare the same job before its time: one runs it, then the other one starts. */
  async function rollingStart(job: JobDefinition, isOver: boolean): Promise<{ runs: string[]; store: MemoryJobStore }> {
    const store = new MemoryJobStore();
    const clock = new ManualClock(START, { patienceMs: 0 });
    const over = gate();
    const runs: string[] = [];
    const node = async (name: string): Promise<Scheduler> => {
      const { scheduler } = engineWorld({ clock, node: name, jobStores: { default: store } });
      scheduler.registerTask('work', () => (runs.push(name), over.promise));
      await scheduler.declareJob(job);
      await scheduler.completeDeclarations();
      return scheduler;
    };
    const first = await node('first');
    await first.start();
    const second = await node('second');
    await clock.advance(MINUTE);
    if (isOver) over.open();
    await clock.advance(1000);
    await second.start();
    await clock.advance(MINUTE);
    over.open();
    await clock.advance(0);
    await Promise.all([first.shutdown(), second.shutdown()]);
    return { runs, store };
  }

  it.each([
    ['has completed', true],
    ['is in its last run', false],
  ])('runs once, though another node that has declared it before starts when it %s', async (_what, isOver) => {
    const { runs, store } = await rollingStart(once, isOver);
    expect(runs).toEqual(['first']);
    expect(await idsIn(store)).toEqual([]);
  });

  it('runs once though the clock of a node that declares it is behind', async () => {
    const store = new MemoryJobStore();
    const { clock } = await program(store, [once]);
    await clock.advance(2 * MINUTE);
    const behind = await program(store, [once]);
    await behind.clock.advance(2 * MINUTE);
    expect((await behind.scheduler.getRuns()).runs).toHaveLength(1);
  });

  it('is a new job when it is declared for another time', async () => {
    const store = new MemoryJobStore();
    const { clock } = await program(store, [once]);
    await clock.advance(2 * MINUTE);
    const next = await program(store, [{ ...once, runDate: new Date(START + 5 * MINUTE) }]);
    await next.clock.advance(6 * MINUTE);
    expect((await next.scheduler.getRuns()).runs).toHaveLength(2);
  });

  it('is declared again when it was removed, or run by hand, before its time', async () => {
    const store = new MemoryJobStore();
    const { scheduler } = await program(store, [once]);
    await scheduler.runJob('once');
    await scheduler.removeJob('once');
    const { clock } = await program(store, [once]);
    await clock.advance(2 * MINUTE);
    expect((await store.getRuns({ limit: 9, now: START })).map(({ cause }) => cause)).toEqual(['schedule', 'manual']);
  });
});
