import {
  EVENT_AUDIT_RECORDED,
  MemoryJobStore,
  Scheduler,
  type AuditEvent,
  type AuditRecord,
  type JobStore,
} from 'nestjs-apscheduler/engine';
import { argumentSchema, Secret } from 'nestjs-apscheduler';
import { IsString } from 'class-validator';
import { describe, expect, it, vi } from 'vitest';
import { engineWorld, gate, MINUTE, SECOND, START } from '../../../support/engine.js';

const hourly = { trigger: 'interval', hours: 1 } as const;

class PayArgs {
  @Secret() @IsString() pin!: string;
}

type Options = ConstructorParameters<typeof Scheduler>[0];

async function startedWorld(options: Options = {}) {
  const world = engineWorld({ node: 'vm', release: '7', ...options });
  world.scheduler.registerTask('work', () => undefined);
  await world.scheduler.start();
  const trail = async (query = {}) => (await world.scheduler.getAudit(query)).entries;
  const actions = async (query = {}) => (await trail(query)).map(({ action }) => action).toReversed();
  return { ...world, trail, actions };
}

describe('The audit trail', () => {
  it('says who did what to which job, when, where, and why', async () => {
    const { clock, scheduler, trail } = await startedWorld();
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly, tags: ['x'] });
    await clock.advance(SECOND);
    const by = { actor: 'ann', address: '10.0.0.7', note: 'too often' };
    await scheduler.actAs(by, () => scheduler.modifyJob('a', { trigger: 'interval', hours: 2, maxInstances: 3 }));
    const [modified, added] = await trail();
    expect(added).toMatchObject({ action: 'job.add', jobId: 'a', time: START, actor: null, note: null, address: null });
    expect(added?.changes).toEqual([
      { field: 'name', before: null, after: 'a' },
      { field: 'task', before: null, after: 'work' },
      { field: 'trigger', before: null, after: expect.objectContaining({ type: 'interval', hours: 1 }) },
      { field: 'nextRunTime', before: null, after: START + 60 * MINUTE },
      { field: 'executor', before: null, after: 'default' },
      { field: 'tags', before: null, after: ['x'] },
    ]);
    expect(modified).toEqual({
      id: expect.stringMatching(/^[\da-f]{18}-[\da-f]{8}$/),
      time: START + SECOND,
      action: 'job.modify',
      actor: 'ann',
      address: '10.0.0.7',
      note: 'too often',
      jobId: 'a',
      runId: null,
      jobStore: 'default',
      node: 'vm',
      release: '7',
      changes: [
        {
          field: 'trigger',
          before: expect.objectContaining({ hours: 1 }),
          after: expect.objectContaining({ hours: 2 }),
        },
        { field: 'nextRunTime', before: START + 60 * MINUTE, after: START + SECOND + 120 * MINUTE },
        { field: 'maxInstances', before: 1, after: 3 },
      ],
    });
  });

  it('goes by the clock of the store, and keeps the order in which a node did things', async () => {
    let clockSkewMs = -90 * SECOND;
    const store = Object.assign(new MemoryJobStore(), { status: () => ({ clockSkewMs, failing: null }) });
    const { clock, scheduler, trail } = await startedWorld({ jobStores: { default: store }, audit: { maxAge: '1m' } });
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly });
    // Its difference to the node's clock is measured again.
    clockSkewMs -= 250.5;
    await scheduler.pauseJob('a');
    const at = START - 90 * SECOND;
    expect(await trail()).toMatchObject([
      { action: 'job.pause', time: at },
      { action: 'job.add', time: at },
    ]);
    // It has been set back.
    clockSkewMs -= 20 * SECOND;
    await scheduler.resumeJob('a');
    expect((await trail({ action: 'job.resume' }))[0]?.time).toBe(at - 20 * SECOND - 250);
    await clock.advance(70 * SECOND);
    expect(await trail()).toHaveLength(2);
    await clock.advance(20 * SECOND);
    expect(await trail()).toEqual([]);
  });

  it('has an entry for each thing that can be done, and none for runs of the schedule', async () => {
    const { actions, clock, scheduler, trail } = await startedWorld();
    scheduler.registerTask(
      'slow',
      ({ signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly });
    await scheduler.addJobs([
      { id: 'b', task: 'work', ...hourly },
      { id: 'c', task: 'slow', ...hourly },
    ]);
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly, name: 'other', replaceExisting: true });
    await scheduler.pauseJob('a', { actor: 'bob', note: 'noise' });
    await scheduler.resumeJob('a');
    await scheduler.runJob('a');
    const run = await scheduler.runJob('c', { wait: false });
    await scheduler.cancelRun(run.id);
    await scheduler.removeRun(run.id);
    await clock.advance(60 * MINUTE);
    await scheduler.removeJob('b');
    await scheduler.removeAllJobs();
    await scheduler.pause();
    await scheduler.resume();
    expect(await actions()).toEqual([
      ...['job.add', 'job.add', 'job.add', 'job.replace', 'job.pause', 'job.resume', 'job.run', 'job.run'],
      ...['run.cancel', 'run.remove', 'job.remove', 'job.remove_all', 'scheduler.pause', 'scheduler.resume'],
    ]);
    const [pause] = await trail({ action: 'job.pause' });
    expect(pause).toMatchObject({ actor: 'bob', note: 'noise', jobId: 'a' });
    expect(pause?.changes.map(({ field }) => field)).toEqual(['nextRunTime', 'paused']);
    for (const action of ['run.cancel', 'run.remove'] as const) {
      expect(await trail({ action })).toMatchObject([{ jobId: 'c', runId: run.id }]);
    }
    expect((await trail({ action: 'job.remove' }))[0]?.changes).toContainEqual({
      field: 'task',
      before: 'work',
      after: null,
    });
    expect((await trail({ action: 'scheduler.pause' }))[0]?.changes).toEqual([
      { field: 'state', before: 'running', after: 'paused' },
    ]);
  });

  it('has none for what was refused, or has changed nothing', async () => {
    const { actions, scheduler } = await startedWorld();
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly });
    await scheduler.modifyJob('a', { name: 'a' });
    await scheduler.resumeJob('a');
    await scheduler.resume();
    await scheduler.bulk({ action: 'pause', ids: ['a'], dryRun: true });
    await expect(scheduler.addJob({ id: 'a', task: 'work', ...hourly })).rejects.toThrow('already exists');
    await expect(scheduler.removeJob('none')).rejects.toThrow('none');
    await expect(scheduler.modifyJob('a', { maxInstances: -1 })).rejects.toThrow('maxInstances');
    expect(await actions()).toEqual(['job.add']);
  });

  it('keeps no secrets of arguments', async () => {
    const { scheduler, trail } = await startedWorld({
      redact: (value, { path }) => (path.at(-1) === 'password' ? '***' : value),
    });
    scheduler.registerTask('pay', () => undefined, { args: await argumentSchema(PayArgs) });
    const secrets = { password: 's3cret', user: 'ann' };
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly, args: [secrets] });
    await scheduler.modifyJob('a', { kwargs: { login: { ...secrets, password: 'other-s3cret' } } });
    await scheduler.runJob('a', { kwargs: secrets });
    await scheduler.removeJob('a');
    await scheduler.addJob({ id: 'b', task: 'pay', ...hourly, kwargs: { pin: 's3cret' } });
    const [ofPay, ...entries] = await trail();
    expect(ofPay?.changes).toContainEqual({
      field: 'kwargs',
      before: null,
      after: { pin: expect.not.stringContaining('s3cret') as string },
    });
    expect(JSON.stringify(entries)).not.toContain('s3cret');
    expect(entries[2]?.changes).toEqual([
      { field: 'kwargs', before: {}, after: { login: { password: '***', user: 'ann' } } },
    ]);
    expect(entries[1]).toMatchObject({ action: 'job.run', changes: [{ field: 'kwargs', after: { password: '***' } }] });
  });

  it('shows that a secret has changed, and not what it is', async () => {
    const { scheduler, trail } = await startedWorld({ redact: (value, { path }) => (path.length > 1 ? '***' : value) });
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly, kwargs: { key: 'one' } });
    await scheduler.modifyJob('a', { kwargs: { key: 'two' } });
    expect((await trail())[0]?.changes).toEqual([{ field: 'kwargs', before: { key: '***' }, after: { key: '***' } }]);
  });

  it('leaves long values out', async () => {
    const { scheduler, trail } = await startedWorld();
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly, kwargs: { text: 'x'.repeat(5000) } });
    await scheduler.modifyJob('a', {
      kwargs: {},
      tags: Array.from({ length: 40 }, (_, n) => `${n}`.padEnd(40, 'x')),
    });
    const [modified] = await trail();
    const left = expect.stringMatching(/^\[left out: 5011 characters of JSON\]$/);
    expect(modified?.changes).toContainEqual({ field: 'kwargs', before: left, after: {} });
    expect(modified?.changes).toContainEqual({ field: 'tags', before: [], after: expect.any(Array) });
  });

  it('names who has added a job before the start, and not who starts', async () => {
    const { scheduler } = engineWorld();
    scheduler.registerTask('work', () => undefined);
    await scheduler.actAs({ actor: 'ann' }, () => scheduler.addJob({ id: 'a', task: 'work', ...hourly }));
    await scheduler.declareJob({ id: 'b', task: 'work', ...hourly });
    await scheduler.actAs({ actor: 'bob' }, () => scheduler.start());
    const { entries } = await scheduler.getAudit();
    expect(entries.map(({ action, actor, jobId }) => [action, jobId, actor]).toReversed()).toEqual([
      ['job.add', 'a', 'ann'],
      ['job.declare', 'b', null],
      ['scheduler.start', null, 'bob'],
    ]);
    await scheduler.shutdown();
  });

  it('leaves out that a node starts and stops with its process', async () => {
    const { actions, scheduler } = await startedWorld();
    await scheduler.shutdown();
    await scheduler.start();
    expect(await actions()).toEqual([]);
    await scheduler.actAs({ note: 'maintenance' }, () => scheduler.shutdown());
    expect(await actions()).toEqual(['scheduler.shutdown']);
  });

  it('names nobody in what a run does that somebody has asked for', async () => {
    const { scheduler, trail } = await startedWorld();
    scheduler.registerTask('meddle', () => scheduler.pauseJob('other'));
    await scheduler.addJobs([
      { id: 'a', task: 'meddle', ...hourly },
      { id: 'other', task: 'work', ...hourly },
    ]);
    await scheduler.actAs({ actor: 'ann' }, () => scheduler.runJob('a'));
    expect(await trail({ action: 'job.run' })).toMatchObject([{ actor: 'ann' }]);
    expect(await trail({ action: 'job.pause' })).toMatchObject([{ actor: null, jobId: 'other' }]);
  });

  it('lets an inner call say more than the outer one', async () => {
    const { scheduler, trail } = await startedWorld();
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly });
    await scheduler.actAs({ actor: 'ann', note: 'outer' }, () =>
      scheduler.bulk({ action: 'pause', ids: ['a'], note: 'inner' }),
    );
    expect(await trail({ action: 'job.pause' })).toMatchObject([{ actor: 'ann', note: 'inner' }]);
    expect((await scheduler.getJob('a'))?.pause).toMatchObject({ actor: 'ann', note: 'inner' });
  });

  it('says why a job was paused that failed too often', async () => {
    const { clock, scheduler, trail } = await startedWorld();
    scheduler.registerTask('fail', () => Promise.reject(new Error('no')));
    await scheduler.addJob({ id: 'a', task: 'fail', trigger: 'interval', seconds: 1, pauseAfterFailures: 2 });
    await clock.advance(3 * SECOND);
    expect(await trail({ action: 'job.pause' })).toMatchObject([
      { actor: null, jobId: 'a', note: 'It failed 2 times in a row' },
    ]);
  });

  it('tells listeners that ask for it, and no others', async () => {
    const { events, scheduler } = await startedWorld();
    const heard: AuditEvent[] = [];
    scheduler.addListener((event) => void heard.push(event as AuditEvent), EVENT_AUDIT_RECORDED);
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly });
    const { entries } = await scheduler.getAudit();
    expect(heard).toEqual([{ code: EVENT_AUDIT_RECORDED, entry: entries[0] }]);
    expect(events.filter(({ code }) => code === EVENT_AUDIT_RECORDED)).toEqual([]);
  });

  it.each([
    [{ jobId: '' }, 'jobId must be a non-empty string'],
    [{ action: 'job.eat' }, 'action must be one of job.add, '],
    [{ from: 'soon' }, 'from '],
    [{ limit: 1001 }, 'limit must be a whole number from 1 to 1000'],
    [{ cursor: 'x' }, 'cursor must be the nextCursor of a page'],
    [{ jobStore: 'none' }, 'jobStore "none" is not known'],
    [{ colour: 1 }, 'colour is not known here'],
  ])('refuses a query such as %j', async (query, message) => {
    const { scheduler } = await startedWorld();
    await expect(scheduler.getAudit(query as never)).rejects.toThrow(message);
    expect(() => scheduler.checkAuditQuery(query as never)).toThrow(message);
  });

  it.each([
    [{ actor: 5 }, 'actor must be a text of at most 191 characters, got 5'],
    [{ note: 'x'.repeat(10_001) }, 'note must be a text of at most 10000 characters'],
  ])('refuses an actor such as %j', async (by, message) => {
    const { scheduler } = await startedWorld();
    expect(() => scheduler.actAs(by as never, () => scheduler.pause())).toThrow(message);
    expect(scheduler.state).toBe(1);
  });

  it('is read page by page, over all stores', async () => {
    const { clock, scheduler } = await startedWorld({
      jobStores: { default: new MemoryJobStore(), other: new MemoryJobStore() },
    });
    for (let n = 0; n < 12; n++) {
      await scheduler.addJob({ id: `${n}`, task: 'work', ...hourly, jobStore: n % 3 === 0 ? 'other' : 'default' });
      await clock.advance(SECOND);
    }
    const ids: (string | null)[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await scheduler.getAudit({ limit: 5, ...(cursor !== undefined && { cursor }) });
      ids.push(...page.entries.map(({ jobId }) => jobId));
      cursor = page.nextCursor;
    }
    expect(ids).toEqual(Array.from({ length: 12 }, (_, n) => `${11 - n}`));
    const { entries } = await scheduler.getAudit({ jobStore: 'other' });
    expect(entries.map(({ jobId, jobStore }) => `${jobId} ${jobStore}`)).toEqual(
      ['9', '6', '3', '0'].map((id) => `${id} other`),
    );
  });
});

describe('Options of the audit trail', () => {
  it('switch it off', async () => {
    const store = new MemoryJobStore();
    const appended = vi.spyOn(store, 'appendAudit');
    const { actions, scheduler } = await startedWorld({ audit: false, jobStores: { default: store } });
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly });
    await scheduler.removeJob('a');
    expect(await actions()).toEqual([]);
    expect(appended).not.toHaveBeenCalled();
  });

  it('limit it by count and by age', async () => {
    const { clock, scheduler, trail } = await startedWorld({ audit: { maxCount: 3, maxAge: '1m' } });
    for (let n = 0; n < 5; n++) await scheduler.addJob({ id: `${n}`, task: 'work', ...hourly });
    expect((await trail()).map(({ jobId }) => jobId)).toEqual(['4', '3', '2']);
    await clock.advance(2 * MINUTE);
    expect(await trail()).toEqual([]);
    await scheduler.addJobs(Array.from({ length: 5 }, (_, n) => ({ id: `x${n}`, task: 'work', ...hourly })));
    expect((await trail()).map(({ jobId }) => jobId)).toEqual(['x4', 'x3', 'x2']);
  });

  it.each([
    [{ maxCount: 0 }, 'audit.maxCount must be a whole number of at least 1, got 0'],
    [{ maxAge: 'soon' }, 'audit.maxAge must be a duration such as 1h30m'],
    [{ maxage: 1 }, 'audit.maxage is not known here; known are maxAge, maxCount'],
    [true, 'audit must be a plain object or false, got true'],
  ])('are refused as in %j', (audit, message) => {
    expect(() => new Scheduler({ audit: audit as never })).toThrow(message);
  });
});

/** A store whose audit trail can be made to fail, or to take its time. */
class AuditedStore extends MemoryJobStore {
  fault: Error | null = null;
  hold: Promise<void> | null = null;
  readonly sizes: number[] = [];

  override async appendAudit(entries: readonly AuditRecord[]): Promise<void> {
    this.sizes.push(entries.length);
    await this.hold;
    if (this.fault) throw this.fault;
    await super.appendAudit(entries);
  }
}

const worldOf = (store: JobStore) => startedWorld({ jobStores: { default: store } });

describe('A store that does not take entries', () => {
  it('does not keep anything from being done, and what is missing is logged', async () => {
    const store = new AuditedStore();
    const { actions, logger, scheduler } = await worldOf(store);
    store.fault = new Error('disk full');
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly });
    await scheduler.actAs({ actor: 'ann' }, () => scheduler.pauseJob('a'));
    expect(await actions()).toEqual([]);
    expect((await scheduler.getJob('a'))?.paused).toBe(true);
    const errors = logger.lines.filter((line) => line.startsWith('error'));
    expect(errors).toEqual([
      'error: The audit trail of job store "default" could not be written; it lacks job.add of "a"',
      'error: The audit trail of job store "default" could not be written; it lacks job.pause of "a" by "ann"',
    ]);
    store.fault = null;
    await scheduler.resumeJob('a');
    expect(await actions()).toEqual(['job.resume']);
    expect(logger.lines).toContain('info: The audit trail of job store "default" is written again');
  });

  it('is not waited for, until many entries wait; they come in batches then', async () => {
    const store = new AuditedStore();
    const { scheduler, trail } = await worldOf(store);
    const { open, promise } = gate();
    store.hold = promise;
    await scheduler.addJob({ id: 'first', task: 'work', ...hourly });
    const jobs = Array.from({ length: 1999 }, (_, n) => ({ id: `${n}`, task: 'work', ...hourly }));
    await scheduler.addJobs(jobs);
    let isDone = false;
    const next = scheduler.addJobs([
      { id: 'x', task: 'work', ...hourly },
      { id: 'y', task: 'work', ...hourly },
    ]);
    void next.then(() => (isDone = true));
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    open();
    await next;
    expect((await trail({ limit: 1000 })).length).toBe(1000);
    expect(store.sizes).toEqual([1, 500, 500, 500, 501].map((size) => Math.min(size, 500)).concat(1));
  });

  it('gets what waits before it is closed', async () => {
    const store = new AuditedStore();
    const { scheduler } = await worldOf(store);
    const { open, promise } = gate();
    store.hold = promise;
    await scheduler.addJob({ id: 'a', task: 'work', ...hourly });
    const stopped = scheduler.shutdown();
    open();
    await stopped;
    expect(await store.findAudit({ limit: 10, now: START })).toMatchObject([{ action: 'job.add', jobId: 'a' }]);
  });
});

describe('Declarations', () => {
  it('are recorded with their release, when they change a job', async () => {
    const store = new MemoryJobStore();
    const run = async (release: string, ids: readonly string[], maxInstances = 1) => {
      const { clock, scheduler } = engineWorld({ release, prune: true, jobStores: { default: store } });
      await clock.advance(Number(release) * MINUTE);
      scheduler.registerTask('work', () => undefined);
      for (const id of ids) await scheduler.declareJob({ id, task: 'work', ...hourly, maxInstances });
      await scheduler.completeDeclarations();
      await scheduler.start();
      const { entries } = await scheduler.getAudit();
      await scheduler.shutdown();
      return entries
        .map(({ action, changes, jobId, release: its }) => [action, jobId, its, changes.length > 0])
        .toReversed();
    };
    expect(await run('1', ['a', 'b'])).toEqual([
      ['job.declare', 'a', '1', true],
      ['job.declare', 'b', '1', true],
    ]);
    expect((await run('2', ['a', 'b'])).slice(2)).toEqual([]);
    expect((await run('3', ['a'], 2)).slice(2)).toEqual([
      ['job.declare', 'a', '3', true],
      ['job.undeclare', 'b', '3', true],
    ]);
  });
});
