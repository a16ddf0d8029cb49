import { MemoryJobStore, type JobDefinition, type OnUnreadable, type StoreContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, MINUTE, SECOND, START, type EngineWorld } from '../../../support/engine.js';

/** A store on a server: it may lose everything, and reports that. */
class ServerStore extends MemoryJobStore {
  override readonly capabilities = { durable: true, shared: false, notifying: false };
  private context!: StoreContext;

  override attach(context: StoreContext): void {
    this.context = context;
    super.attach(context);
  }

  async empty(): Promise<void> {
    await this.removeAll();
    this.loseJobs();
  }

  loseJobs(): void {
    this.context.jobsLost();
  }

  loseLease(): void {
    this.context.lost();
  }
}

const job = (id: string): JobDefinition => ({ id, task: 'work', trigger: 'interval', minutes: 1 });

async function started(ids: readonly string[]): Promise<EngineWorld & { store: ServerStore; runs: string[] }> {
  const store = new ServerStore();
  const world = engineWorld({ jobStores: { default: store } });
  const runs: string[] = [];
  world.scheduler.registerTask('work', ({ jobId }: { jobId: string }) => void runs.push(jobId));
  for (const id of ids) await world.scheduler.declareJob(job(id));
  await world.scheduler.completeDeclarations();
  await world.scheduler.start();
  return { ...world, store, runs };
}

const idsIn = async (store: ServerStore): Promise<string[]> => (await store.list()).map(({ id }) => id).sort();

describe('A store that loses everything while a node runs', () => {
  it('gets the declared jobs back, and they run', async () => {
    const { scheduler, clock, store, runs, logger } = await started(['a', 'b']);
    await scheduler.addJob(job('added'));
    await store.empty();
    await clock.advance(0);
    expect(await idsIn(store)).toEqual(['a', 'b']);
    await clock.advance(MINUTE);
    expect(runs.sort()).toEqual(['a', 'b']);
    expect(logger.lines).toContain('error: Job store "default" has lost 2 declared job(s): they are declared again');
    await scheduler.shutdown();
  });

  it('is told of in health for ten minutes', async () => {
    const { scheduler, clock, store } = await started(['a']);
    expect(scheduler.health()).toMatchObject({ status: 'up', jobStores: { default: { reason: null } } });
    await store.empty();
    await clock.advance(0);
    expect(scheduler.health()).toMatchObject({
      status: 'degraded',
      jobStores: { default: { status: 'up', reason: expect.stringContaining('had lost declared jobs') } },
    });
    await clock.advance(11 * MINUTE);
    expect(scheduler.health().status).toBe('up');
    await scheduler.shutdown();
  });

  it('gets them back though it fails at first', async () => {
    const { scheduler, clock, store } = await started(['a']);
    const { get } = store;
    store.get = () => Promise.reject(new Error('connection lost'));
    await store.empty();
    await clock.advance(0);
    store.get = get;
    expect(await idsIn(store)).toEqual([]);
    await clock.advance(30 * SECOND);
    expect(await idsIn(store)).toEqual(['a']);
    await scheduler.shutdown();
  });

  it('does not get back what was removed on this node', async () => {
    const { scheduler, clock, store } = await started(['a', 'b']);
    await scheduler.removeJob('a');
    await store.empty();
    await clock.advance(0);
    expect(await idsIn(store)).toEqual(['b']);
    await scheduler.removeAllJobs();
    await store.empty();
    await clock.advance(0);
    expect(await idsIn(store)).toEqual([]);
    await scheduler.shutdown();
  });

  it('does not get back what another node had removed before', async () => {
    const { scheduler, clock, store } = await started(['a', 'b']);
    await store.remove('a');
    await clock.advance(2 * MINUTE);
    await store.empty();
    await clock.advance(0);
    expect(await idsIn(store)).toEqual(['b']);
    await scheduler.shutdown();
  });

  it('keeps a job that it cannot read', async () => {
    const { scheduler, clock, store, logger } = await started(['a', 'b']);
    const { get } = store;
    store.get = async (id, onUnreadable?: OnUnreadable) => {
      if (id !== 'a') return get.call(store, id);
      onUnreadable?.({ id, problem: 'damaged', raw: {}, definition: {} });
      return undefined;
    };
    await store.remove('b');
    store.loseJobs();
    await clock.advance(0);
    expect(logger.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([
      'error: Job store "default" has lost 1 declared job(s): they are declared again',
    ]);
    await scheduler.shutdown();
  });

  it('does not get back a job that has completed', async () => {
    const { scheduler, clock, store } = await started(['a']);
    const once = { id: 'once', task: 'work', trigger: 'date', runDate: new Date(START + SECOND) } as const;
    await scheduler.declareJob(once);
    await clock.advance(2 * SECOND);
    await store.empty();
    await clock.advance(0);
    expect(await idsIn(store)).toEqual(['a']);
    await scheduler.shutdown();
  });
});

describe('A declared job that is removed', () => {
  it('stays away when its node loses its lease, and nothing else', async () => {
    const { scheduler, clock, store } = await started(['a', 'b']);
    await store.remove('a');
    store.loseLease();
    await clock.advance(10 * MINUTE);
    expect(await idsIn(store)).toEqual(['b']);
    await scheduler.shutdown();
  });

  it('stays away as long as the node runs', async () => {
    const { scheduler, clock, store } = await started(['a', 'b']);
    await scheduler.removeJob('a');
    await store.remove('b');
    await clock.advance(10 * MINUTE);
    expect(await idsIn(store)).toEqual([]);
    await scheduler.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });
});
