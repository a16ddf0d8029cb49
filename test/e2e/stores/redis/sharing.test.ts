import { ConflictingIdError, SystemClock, type Clock, type RunContext } from 'nestjs-apscheduler/engine';
import { describe, expect, it, vi } from 'vitest';
import { gate } from '../../../support/engine.js';
import { redisNodes } from '../../../support/redis-nodes.js';
import { testServer } from '../../../support/servers/test-server.js';

/** The computer's clock, set wrong. */
function skewedClock(byMs: number): Clock {
  const clock = new SystemClock();
  return {
    now: () => clock.now() + byMs,
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    yield: () => clock.yield(),
  };
}

const server = await testServer('redis');

describe.runIf(server.available)('Nodes on one Redis', { timeout: 60_000 }, () => {
  const nodesOf = redisNodes(() => server.room());
  const second = { trigger: 'interval', seconds: 1 } as const;

  it('make one run for each scheduled time', async () => {
    const nodes = await nodesOf();
    const [first] = await Promise.all(['a', 'b', 'c'].map((name) => nodes.start(name)));
    const jobs = Array.from({ length: 20 }, (_, n) => ({ id: `job-${n}`, task: 'work', ...second }));
    await first?.scheduler.addJobs(jobs);
    await nodes.ledger.reached(60);
    expect(new Set(nodes.ledger.slots).size).toBe(nodes.ledger.slots.length);
    for (const { id } of jobs) {
      const times = nodes.ledger.lines.filter(({ jobId }) => jobId === id).map(({ scheduledTime }) => scheduledTime);
      expect(times.length).toBeGreaterThanOrEqual(2);
      times.slice(1).forEach((time, index) => expect(time - (times[index] as number)).toBe(1000));
    }
  });

  it('share a burst of 2,000 due jobs, and double none', async () => {
    const nodes = await nodesOf();
    const all = await Promise.all(['a', 'b', 'c'].map((name) => nodes.start(name)));
    const runDate = new Date(Date.now() + 300);
    const jobs = Array.from(
      { length: 2000 },
      (_, n) => ({ id: `job-${n}`, task: 'work', trigger: 'date', runDate }) as const,
    );
    await all[0]?.scheduler.addJobs(jobs);
    await nodes.ledger.reached(2000);
    await vi.waitFor(async () => expect(await all[0]?.scheduler.getJobs()).toEqual([]), 10_000);
    expect(nodes.ledger.lines).toHaveLength(2000);
    expect(new Set(nodes.ledger.slots).size).toBe(2000);
  });

  it('make one job when eight of them declare it at once, and leave its next run alone later', async () => {
    const nodes = await nodesOf();
    const all = await Promise.all(Array.from({ length: 8 }, (_, n) => nodes.start(`node-${n}`)));
    const declare = { id: 'daily', task: 'work', trigger: 'cron', hour: 4, replaceExisting: true } as const;
    const declared = await Promise.all(all.map(({ scheduler }) => scheduler.addJob(declare)));
    expect(new Set(declared.map(({ nextRunTime }) => nextRunTime)).size).toBe(1);
    await all[0]?.scheduler.pauseJob('daily');
    await all[7]?.scheduler.addJob(declare);
    const [job, ...others] = (await all[3]?.scheduler.getJobs()) ?? [];
    expect(others).toEqual([]);
    expect(job).toMatchObject({ id: 'daily', paused: true });
  });

  it('refuse an id that another of them has taken', async () => {
    const nodes = await nodesOf();
    const [a, b] = await Promise.all([nodes.start('a'), nodes.start('b')]);
    await a.scheduler.addJob({ id: 'one', task: 'work', ...second });
    await expect(b.scheduler.addJob({ id: 'one', task: 'work', ...second })).rejects.toThrow(ConflictingIdError);
  });

  it('hear at once of a job that another adds', async () => {
    const nodes = await nodesOf();
    const [a] = await Promise.all([nodes.start('a'), nodes.start('b')]);
    await a.scheduler.pause();
    const addedAt = Date.now();
    await a.scheduler.addJob({ id: 'now', task: 'work', trigger: 'date', runDate: new Date() });
    await nodes.ledger.reached(1);
    expect(nodes.ledger.lines).toMatchObject([{ jobId: 'now', node: 'b' }]);
    // A node that is not told sleeps for up to half a minute.
    expect(Date.now() - addedAt).toBeLessThan(5000);
  });

  it('see what the others pause, resume and remove', async () => {
    const nodes = await nodesOf();
    const [a, b] = await Promise.all([nodes.start('a'), nodes.start('b')]);
    await a.scheduler.addJob({ id: 'tick', task: 'work', ...second });
    await nodes.ledger.reached(1);
    await b.scheduler.pauseJob('tick');
    const count = nodes.ledger.lines.length;
    expect((await a.scheduler.getJob('tick'))?.paused).toBe(true);
    await a.scheduler.resumeJob('tick');
    await nodes.ledger.reached(count + 1);
    await b.scheduler.removeJob('tick');
    expect(await a.scheduler.getJob('tick')).toBeUndefined();
  });

  it('agree though their clocks are five minutes apart, and each says so that is off', async () => {
    const nodes = await nodesOf();
    const a = await nodes.start('a');
    const behind = await nodes.start('behind', { clock: skewedClock(-300_000) });
    const ahead = await nodes.start('ahead', { clock: skewedClock(300_000) });
    await a.scheduler.addJobs(Array.from({ length: 20 }, (_, n) => ({ id: `job-${n}`, task: 'work', ...second })));
    const addedAt = Date.now();
    await nodes.ledger.reached(60);
    expect(Date.now() - addedAt).toBeLessThan(20_000);
    expect(new Set(nodes.ledger.slots).size).toBe(nodes.ledger.slots.length);
    const skews = [a, behind, ahead].map(({ logger }) => logger.lines.filter((line) => line.includes("node's clock")));
    expect(skews).toEqual([
      [],
      [expect.stringMatching(/clock is (299|300)\.\d s behind that of Redis/)],
      [expect.stringMatching(/clock is (299|300)\.\d s ahead of that of Redis/)],
    ]);
    // Whoever is alone takes what is due, and no sooner.
    await Promise.all([a, behind].map(({ scheduler }) => scheduler.shutdown()));
    const count = nodes.ledger.lines.length;
    await nodes.ledger.reached(count + 20);
    for (const { scheduledTime } of nodes.ledger.lines) expect(scheduledTime).toBeLessThanOrEqual(Date.now());
    expect(nodes.ledger.lines.at(-1)?.node).toBe('ahead');
  });

  it('hold to the instances of a job together', async () => {
    const nodes = await nodesOf();
    const held = gate();
    let running = 0;
    let most = 0;
    const slow = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await held.promise;
      running--;
    };
    const all = await Promise.all(['a', 'b'].map((name) => nodes.start(name, { tasks: { slow } })));
    await all[0]?.scheduler.addJob({ id: 'slow', task: 'slow', ...second, maxInstances: 1 });
    await all[0]?.scheduler.addJob({ id: 'tick', task: 'work', ...second });
    await nodes.ledger.reached(3);
    expect(most).toBe(1);
    const { runs } = (await all[1]?.scheduler.getRuns({ jobId: 'slow' })) ?? { runs: [] };
    expect(runs.map(({ state }) => state).sort()).toEqual(expect.arrayContaining(['running', 'skipped']));
    held.open();
  });

  it('make the retries of a run that failed elsewhere', async () => {
    const nodes = await nodesOf();
    const tried: string[] = [];
    const failing = (name: string) => (context: RunContext) => {
      tried.push(name);
      if (context.attempt === 1) throw new Error('not yet');
      nodes.ledger.write(context, name);
    };
    const a = await nodes.start('a', { tasks: { failing: failing('a') } });
    const retry = { attempts: 2, delay: 1, backoff: 'fixed' } as const;
    await a.scheduler.addJob({ id: 'job', task: 'failing', trigger: 'date', runDate: new Date(), retry });
    await vi.waitFor(async () => {
      const { runs } = await a.scheduler.getRuns({ jobId: 'job', state: 'failed' });
      expect(runs).toHaveLength(1);
    });
    const b = await nodes.start('b', { tasks: { failing: failing('b') } });
    await a.scheduler.shutdown();
    await nodes.ledger.reached(1);
    expect(tried).toEqual(['a', 'b']);
    await vi.waitFor(async () => expect(await b.scheduler.getJobs()).toEqual([]));
    const { runs } = await b.scheduler.getRuns({ jobId: 'job' });
    expect(runs.map(({ state, attempt, node, retryAt }) => ({ state, attempt, node, retryAt }))).toMatchObject([
      { state: 'succeeded', attempt: 2, retryAt: null },
      { state: 'failed', attempt: 1, retryAt: null },
    ]);
  });
});
