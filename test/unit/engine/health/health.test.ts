import {
  MemoryJobStore,
  type RecordResult,
  type StoreCapabilities,
  type StoreStatus,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

const nothing = (): undefined => undefined;

/** A store whose server can go away. */
class Away extends MemoryJobStore {
  fails: 'take' | 'record' | null = null;
  error: unknown = new Error('connection refused');
  own: StoreStatus | undefined;

  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    if (this.fails === 'take') throw this.error;
    return super.claimDue(request);
  }

  override async record(...args: Parameters<MemoryJobStore['record']>): Promise<RecordResult> {
    if (this.fails === 'record') throw this.error;
    return super.record(...args);
  }

  status(): StoreStatus | undefined {
    return this.own;
  }
}

async function withStore(): Promise<EngineWorld & { store: Away }> {
  const store = new Away();
  const world = engineWorld({ jobStores: { default: store }, node: 'here' });
  await world.scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1 });
  await world.scheduler.start();
  return { ...world, store };
}

const well = {
  status: 'up',
  reason: null,
  since: null,
  failures: 0,
  retryAt: null,
  lateness: 0,
  behind: false,
  unrecordedRuns: 0,
  clockSkew: null,
};

describe('The health of a scheduler', () => {
  it('is up while all is well, and plain JSON', async () => {
    const { scheduler, clock } = await withStore();
    await clock.advance(3 * SECOND);
    const health = scheduler.health();
    expect(health).toEqual({
      status: 'up',
      state: 'running',
      node: 'here',
      activeRuns: 0,
      jobStores: { default: { ...well, lastContact: START + 3 * SECOND } },
    });
    expect(JSON.parse(JSON.stringify(health))).toEqual(health);
    await scheduler.shutdown();
  });

  it('says that a scheduler was paused or stopped on purpose, which is no fault', async () => {
    const { scheduler } = await withStore();
    await scheduler.pause();
    expect(scheduler.health()).toMatchObject({ status: 'up', state: 'paused' });
    await scheduler.shutdown();
    expect(scheduler.health()).toMatchObject({ status: 'up', state: 'stopped' });
  });

  it('counts what is under way', async () => {
    const { scheduler, clock } = engineWorld();
    const { promise, open } = gate();
    await scheduler.addJob({ id: 'long', task: () => promise, trigger: 'date', runDate: START });
    await scheduler.start();
    await clock.advance(SECOND);
    expect(scheduler.health().activeRuns).toBe(1);
    open();
    await clock.advance(0);
    expect(scheduler.health().activeRuns).toBe(0);
    await scheduler.shutdown();
  });

  it('is down while a store hands out nothing: since when, how often, why, and when it is asked again', async () => {
    const { scheduler, clock, store } = await withStore();
    await clock.advance(2 * SECOND);
    store.fails = 'take';
    await clock.advance(3 * SECOND);
    expect(scheduler.health()).toMatchObject({
      status: 'down',
      jobStores: {
        default: {
          status: 'failing',
          reason: 'connection refused',
          since: START + 3 * SECOND,
          failures: 3,
          retryAt: START + 6.5 * SECOND,
          lastContact: START + 2 * SECOND,
        },
      },
    });
    store.fails = null;
    await clock.advance(2 * SECOND);
    const held = { status: 'failing', reason: 'connection refused', since: START + 3 * SECOND, retryAt: null };
    expect(scheduler.health()).toMatchObject({ status: 'down', jobStores: { default: held } });
    await clock.advance(5 * SECOND);
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: { ...well } } });
    await scheduler.shutdown();
  });

  it('is down while a store records nothing, and says how many runs it has not heard of', async () => {
    const { scheduler, clock, store } = await withStore();
    store.fails = 'record';
    await clock.advance(3 * SECOND);
    const failing = { status: 'failing', reason: 'connection refused', since: START + SECOND, unrecordedRuns: 3 };
    expect(scheduler.health()).toMatchObject({ status: 'down', jobStores: { default: failing } });
    store.fails = null;
    await clock.advance(10 * SECOND);
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: well } });
    await scheduler.shutdown();
  });

  it('stays down while a store fails and answers in turn, and is up after five seconds without a failure', async () => {
    const { scheduler, clock, store } = await withStore();
    const seen: string[] = [];
    for (let half = 0; half < 60; half++) {
      store.fails = half % 4 < 2 && half < 30 ? 'take' : null;
      await clock.advance(SECOND / 2);
      const { status } = scheduler.health();
      if (seen.at(-1) !== status) seen.push(status);
    }
    expect(seen).toEqual(['down', 'up']);
    await scheduler.shutdown();
  });

  it('does not remember the failures of a store after a pause, which asks it no more', async () => {
    const { scheduler, clock, store } = await withStore();
    store.fails = 'take';
    await clock.advance(2 * SECOND);
    store.fails = null;
    await clock.advance(3 * SECOND);
    await scheduler.pause();
    expect(scheduler.health()).toMatchObject({ status: 'up', state: 'paused' });
    await scheduler.shutdown();
  });

  it('is down five seconds after a store was asked and has not answered, and up as soon as it answers', async () => {
    const { scheduler, clock, logger, store } = await withStore();
    const { promise, open } = gate();
    const { claimDue } = MemoryJobStore.prototype;
    store.claimDue = async (request) => {
      await promise;
      return claimDue.call(store, request);
    };
    await clock.advance(4.5 * SECOND);
    expect(scheduler.health().status).toBe('up');
    await clock.advance(SECOND);
    const silent = { status: 'failing', reason: 'It does not answer', since: START };
    expect(scheduler.health()).toMatchObject({ status: 'down', jobStores: { default: silent } });
    open();
    await clock.advance(0);
    expect(scheduler.health().status).not.toBe('down');
    expect(logger.lines.filter((line) => line.includes('answer'))).toEqual([]);
    await scheduler.shutdown();
  });

  it('is down while a store leaves a question unanswered', async () => {
    const { scheduler, clock, store } = await withStore();
    const { promise, open } = gate();
    const { claimDue } = MemoryJobStore.prototype;
    store.claimDue = async (request) => {
      await promise;
      return claimDue.call(store, request);
    };
    await clock.advance(40 * SECOND);
    const silent = { status: 'failing', reason: 'It does not answer', since: START, failures: 0 };
    expect(scheduler.health()).toMatchObject({ status: 'down', jobStores: { default: silent } });
    open();
    await clock.advance(0);
    expect(scheduler.health()).toMatchObject({ status: 'up' });
    await scheduler.shutdown();
  });

  it('tells which of several stores fails', async () => {
    const { scheduler, clock, store } = await withStore();
    await scheduler.addJobStore(new MemoryJobStore(), 'other');
    store.fails = 'take';
    await clock.advance(2 * SECOND);
    const { status, jobStores } = scheduler.health();
    expect([status, jobStores['default']?.status, jobStores['other']?.status]).toEqual(['down', 'failing', 'up']);
    await scheduler.shutdown();
  });

  it('is down when a store says by itself that something fails, though nobody has asked it', async () => {
    const { scheduler, clock, store } = await withStore();
    store.own = { clockSkewMs: -1500, failing: { since: START, failures: 2, reason: 'no lease', retryAt: START + 5 } };
    const own = { status: 'failing', reason: 'no lease', since: START, failures: 2, retryAt: START + 5 };
    expect(scheduler.health()).toMatchObject({ status: 'down', jobStores: { default: { ...own, clockSkew: -1.5 } } });
    store.own = { clockSkewMs: 20, failing: null };
    await clock.advance(5 * SECOND);
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: { clockSkew: 0.02 } } });
    await scheduler.shutdown();
  });

  it('stays down while a store fails and succeeds in turn by itself, until it has succeeded for five seconds', async () => {
    const { scheduler, clock, store } = await withStore();
    const seen = new Set<string>();
    for (let turn = 0; turn < 20; turn++) {
      const since = clock.now();
      const failing = turn % 2 ? null : { since, failures: 1, reason: 'no lease', retryAt: since + 5 };
      store.own = { clockSkewMs: 0, failing };
      const { status, jobStores } = scheduler.health();
      expect(jobStores['default']).toMatchObject({ reason: 'no lease', since: START });
      seen.add(status);
      await clock.advance(500);
    }
    expect([...seen]).toEqual(['down']);
    await clock.advance(5 * SECOND);
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: { reason: null, since: null } } });
    await scheduler.shutdown();
  });

  it('is down while a store could not be opened, until a start succeeds', async () => {
    class Durable extends Away {
      override readonly capabilities: StoreCapabilities = { durable: true, shared: false, notifying: false };
      isShut = true;
      async start(): Promise<void> {
        if (this.isShut) throw new Error('no such host');
      }
    }
    const store = new Durable();
    const { scheduler } = engineWorld({ jobStores: { default: store } });
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: { status: 'closed' } } });
    await expect(scheduler.start()).rejects.toThrow('no such host');
    expect(scheduler.health()).toMatchObject({
      ...{ status: 'down', state: 'stopped' },
      jobStores: { default: { status: 'failing', reason: 'no such host', retryAt: null } },
    });
    store.isShut = false;
    await scheduler.start();
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: { status: 'up' } } });
    await scheduler.shutdown();
  });

  it('is not down for good when a scheduler is paused while its store fails', async () => {
    const { scheduler, clock, store } = await withStore();
    store.fails = 'take';
    await clock.advance(2 * SECOND);
    await scheduler.pause();
    expect(scheduler.health()).toMatchObject({ status: 'up', state: 'paused' });
    await scheduler.resume();
    await clock.advance(0);
    expect(scheduler.health()).toMatchObject({ status: 'down', state: 'running' });
    await scheduler.shutdown();
  });

  it.each([
    ['connect to postgres://app:s3cret@db/app failed', 'connect to postgres://db/app failed'],
    ['mysql://app:p@ss:word/@10.0.0.1:3306/x', 'mysql://10.0.0.1:3306/x'],
    [`bad DSN "host=db password='top secret' port=1"`, 'bad DSN "host=db password=*** port=1"'],
    ['redis://:s3cret@cache:6379: ECONNREFUSED', 'redis://cache:6379: ECONNREFUSED'],
  ])('repeats no password: %s', async (message, shown) => {
    const { scheduler, clock, store } = await withStore();
    store.error = new Error(message);
    store.fails = 'take';
    await clock.advance(SECOND);
    expect(scheduler.health().jobStores['default']?.reason).toBe(shown);
    await scheduler.shutdown();
  });

  it('says something of failures that have no message', async () => {
    const { scheduler, clock, store } = await withStore();
    store.fails = 'take';
    store.error = new AggregateError([new Error('refused by ::1'), new Error('refused by 127.0.0.1')]);
    await clock.advance(SECOND);
    expect(scheduler.health().jobStores['default']?.reason).toBe('refused by ::1, refused by 127.0.0.1');
    store.error = Object.assign(new Error(''), { code: 'ECONNRESET' });
    await clock.advance(10 * SECOND);
    expect(scheduler.health().jobStores['default']?.reason).toBe('ECONNRESET');
    await scheduler.shutdown();
  });
});

describe('Jobs that fall due faster than they are taken', () => {
  /** A store whose clock runs ahead of what it hands out: each look finds jobs so many seconds late. */
  class Behind extends MemoryJobStore {
    lateSeconds = 0;
    override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
      const plan: ClaimRequest['plan'] = (job, due, now, runningElsewhere) =>
        request.plan(job, due, now + this.lateSeconds * SECOND, runningElsewhere);
      return super.claimDue({ ...request, plan });
    }
  }

  async function world(): Promise<EngineWorld & { store: Behind }> {
    const store = new Behind();
    const made = engineWorld({ jobStores: { default: store } });
    await made.scheduler.addJob({ id: 'a', task: nothing, trigger: 'interval', seconds: 1 });
    await made.scheduler.start();
    return { ...made, store };
  }

  it('are told of once, shown as degraded, and told when they have been caught up with', async () => {
    const { scheduler, clock, logger, store } = await world();
    store.lateSeconds = 7;
    await clock.advance(5 * SECOND);
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: { lateness: 7, behind: false } } });
    store.lateSeconds = 8;
    await clock.advance(20 * SECOND);
    expect(scheduler.health()).toMatchObject({
      status: 'degraded',
      jobStores: { default: { status: 'up', lateness: 8, behind: true } },
    });
    store.lateSeconds = 0;
    await clock.advance(20 * SECOND);
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: { lateness: 0, behind: false } } });
    expect(logger.lines).toEqual([
      'warn: Jobs of job store "default" fall due faster than they are taken: they are 8 s late by now',
      'info: Jobs of job store "default" are taken in time again; they were 8 s late at most',
    ]);
    await scheduler.shutdown();
  });

  it('are none when much is late once, after a pause or a jump of the clock', async () => {
    const { scheduler, clock, logger } = await world();
    await scheduler.pause();
    await clock.advance(5 * MINUTE);
    await scheduler.resume();
    await clock.advance(30 * SECOND);
    await clock.set(clock.now() + 5 * MINUTE);
    await clock.advance(30 * SECOND);
    expect(scheduler.health().status).toBe('up');
    expect(logger.lines).toEqual([]);
    await scheduler.shutdown();
  });
});
