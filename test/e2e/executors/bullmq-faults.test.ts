import { fileURLToPath } from 'node:url';
import type { RunContext } from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { handOver, queueWorlds, runsOf, settledRuns } from '../../support/bullmq/queue-world.js';
import { gate } from '../../support/engine.js';
import { Program } from '../../support/program.js';
import { TcpProxy } from '../../support/servers/tcp-proxy.js';
import { testServer } from '../../support/servers/test-server.js';

const server = await testServer('redis');
const root = fileURLToPath(new URL('../../..', import.meta.url));
const program = fileURLToPath(new URL('../../support/bullmq/worker.program.ts', import.meta.url));
const once = (ids: readonly string[]): boolean => new Set(ids).size === ids.length;

describe.runIf(server.available)('Runs that are handed over to BullMQ', { timeout: 60_000 }, () => {
  const world = queueWorlds(() => server.room());

  it('are lost when their worker is killed, are not begun again, and are tried again by the scheduler', async () => {
    const { clock, place, ...rest } = await worldOf();
    const victim = new Program(['--import', 'tsx', program, JSON.stringify(place)], { cwd: root });
    rest.world.closeAtEnd(() => (victim.send('SIGKILL'), victim.end()));
    await victim.writes(/ready/);
    const scheduler = await rest.world.scheduler();
    const ids = await handOver(scheduler, clock, 3, { retry: { attempts: 2 } });
    await victim.writes(/(begins [^]*){3}/);
    await rest.world.worker();
    victim.send('SIGKILL');
    const lost = await settledRuns(scheduler, ids);
    expect(lost).toMatchObject(ids.map(() => ({ state: 'lost', attempt: 1, error: { name: 'WorkerFailedError' } })));
    const begun = [...victim.written.matchAll(/begins (.*)/g)].map(([, id]) => id);
    expect(new Set(begun)).toEqual(new Set(lost.map(({ id }) => id)));
    expect(begun).toHaveLength(3);
    await clock.advance('10s');
    const second = async () => Promise.all(ids.map(async (id) => (await runsOf(scheduler, id))[1]));
    await expect.poll(second, { timeout: 20_000 }).toMatchObject(ids.map(() => ({ state: 'succeeded', attempt: 2 })));
    expect(new Set(rest.world.carriedOut)).toEqual(new Set((await second()).map((run) => run?.id)));
    expect(rest.world.carriedOut).toHaveLength(3);
  });

  it('are lost when somebody empties the queue', async () => {
    const { clock, world: here } = await worldOf();
    const scheduler = await here.scheduler();
    const ids = await handOver(scheduler, clock, 5);
    const queue = here.queue();
    await expect.poll(() => queue.getWaitingCount()).toBe(5);
    await queue.pause();
    await queue.obliterate({ force: true });
    await clock.advance('15s');
    const error = { name: 'WorkerFailedError', message: expect.stringContaining('not in the queue any more') };
    expect(await settledRuns(scheduler, ids)).toMatchObject(ids.map(() => ({ state: 'lost', error })));
    expect(here.carriedOut).toEqual([]);
  });

  it('have their outcome when its event was trimmed before it was read', async () => {
    const { clock, world: here } = await worldOf();
    const proxy = await TcpProxy.to(here.place.url);
    here.closeAtEnd(() => proxy.close());
    const scheduler = await here.scheduler({ connection: proxy.url });
    const queue = here.queue();
    const ids = await handOver(scheduler, clock, 5);
    await expect.poll(() => queue.getWaitingCount()).toBe(5);
    proxy.silence();
    await here.worker();
    await expect.poll(() => queue.getCompletedCount(), { timeout: 20_000 }).toBe(5);
    await here.redis().xtrim(`${here.place.prefix}:heavy:events`, 'MAXLEN', 0);
    proxy.heal();
    await clock.advance('30s');
    expect(await settledRuns(scheduler, ids)).toMatchObject(ids.map(() => ({ state: 'succeeded', result: 'done' })));
    expect(here.carriedOut).toHaveLength(5);
    expect(once(here.carriedOut)).toBe(true);
  });

  it('fail when no worker knows their task, with what was meant', async () => {
    const { clock, world: here } = await worldOf();
    await here.worker({ greets: () => 'hello' });
    const scheduler = await here.scheduler();
    const ids = await handOver(scheduler, clock, 1, { task: 'greet' });
    const message = expect.stringMatching(/"greet" is not known in worker KitWorker; did you mean "greets"\?/);
    expect(await settledRuns(scheduler, ids)).toMatchObject([{ state: 'failed', error: { message } }]);
  });

  it('are lost at their deadline when no worker takes them, and are out of the queue then', async () => {
    const { clock, world: here } = await worldOf();
    const scheduler = await here.scheduler({ deadline: '1m' });
    const ids = await handOver(scheduler, clock, 3);
    const queue = here.queue();
    await expect.poll(() => queue.getWaitingCount()).toBe(3);
    await clock.advance('75s');
    const error = { message: expect.stringContaining('by its deadline') };
    const runs = await settledRuns(scheduler, ids);
    expect(runs).toMatchObject(ids.map(() => ({ state: 'lost', error })));
    for (const { id } of runs) expect(await queue.getJob(id)).toBeUndefined();
    await here.worker();
    await clock.advance('10s');
    await expect.poll(() => here.carriedOut.length, { timeout: 20_000 }).toBe(3);
    for (const { id } of runs) expect(here.carriedOut).not.toContain(id);
  });

  it('time out when their worker neither ends them nor answers', async () => {
    const { clock, world: here } = await worldOf();
    const ignore = (): Promise<never> => new Promise(() => undefined);
    await here.worker({ work: ignore });
    const scheduler = await here.scheduler({ grace: 2 });
    const [id = ''] = await handOver(scheduler, clock, 1, { timeout: 30 });
    await expect.poll(async () => (await runsOf(scheduler, id))[0]?.worker).toMatch(/:\d+$/);
    await clock.advance('30s');
    await clock.advance('2s');
    expect(await settledRuns(scheduler, [id])).toMatchObject([{ state: 'timed_out', reason: 'timeout' }]);
  });

  async function worldOf() {
    const here = await world();
    return { world: here, clock: here.clock, place: here.place };
  }
});

describe.runIf(server.startable)('While Redis is restarted', { timeout: 60_000 }, () => {
  it('runs wait, and each is carried out once', async () => {
    const own = await server.start();
    const makeWorld = queueWorlds(async () => ({ url: own.url, keyPrefix: 'restarted:' }));
    const here = await makeWorld();
    const { open, promise: held } = gate();
    const hold = async ({ runId }: RunContext): Promise<string> => {
      here.carriedOut.push(runId);
      await held;
      return 'held';
    };
    // Without its locks BullMQ takes a worker for gone.
    await here.worker({ work: hold }, { lockDuration: 30_000 });
    const scheduler = await here.scheduler();
    const before = await handOver(scheduler, here.clock, 20);
    await expect.poll(() => here.carriedOut, { timeout: 20_000 }).toHaveLength(20);
    await own.stop();
    await scheduler.addJobs(
      Array.from({ length: 20 }, (_, n) => ({ id: `later ${n}`, task: 'work', executor: 'heavy' })),
    );
    await here.clock.advance(1);
    const later = Array.from({ length: 20 }, (_, n) => `later ${n}`);
    expect(await runsOf(scheduler, 'later 0')).toMatchObject([{ state: 'handed_over' }]);
    open();
    await own.start();
    const ids = [...before, ...later];
    expect(await settledRuns(scheduler, ids)).toMatchObject(
      ids.map(() => ({ state: 'succeeded', result: 'held', attempt: 1 })),
    );
    expect(here.carriedOut).toHaveLength(40);
    expect(once(here.carriedOut)).toBe(true);
    expect(here.logger.lines.filter((line) => line.includes('is cut'))).toHaveLength(1);
  });
});
