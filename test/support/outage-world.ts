import { SystemClock, Scheduler, type JobStore, type Run, type RunContext } from 'nestjs-apscheduler/engine';
import { expect, vi } from 'vitest';
import { gate, memoryLogger, type MemoryLogger } from './engine.js';
import { Ledger } from './ledger.js';
import { startRestApp, type RestApp } from './rest-app.js';

const SECOND = 1000;
const patience = { timeout: 30_000, interval: 50 };

interface HealthAnswer {
  readonly status: string;
  readonly jobstores: Readonly<Record<string, { readonly status: string; readonly reason: string | null }>>;
}

/**
 * Two schedulers on one store, in real time: an application that serves the REST API, and a plain one. `tick` runs every
 * second, every missed time made up; `long` is under way until its gate opens. What ran stands in a ledger in memory.
 */
export class OutageWorld {
  readonly ledger = new Ledger();
  readonly logger: MemoryLogger = memoryLogger();
  private readonly long = gate();
  private readonly longBegun = gate();
  private rest: RestApp | undefined;
  private other: Scheduler | undefined;

  /** @param makeStore - one for each of the two. @param result - what `tick` returns, to be kept with its run. */
  static async start(makeStore: () => JobStore, result?: () => string): Promise<OutageWorld> {
    const world = new OutageWorld();
    const tasks = (node: string) => ({
      tick: (context: RunContext) => {
        world.ledger.write(context, node);
        return result?.();
      },
      long: async (context: RunContext) => {
        world.ledger.write(context, node);
        world.longBegun.open();
        await world.long.promise;
      },
    });
    const rest = await startRestApp('express', {
      options: { clock: new SystemClock(), node: 'rest', jobStores: { default: makeStore() }, shutdownTimeout: 2 },
      tasks: tasks('rest'),
    });
    world.rest = rest;
    const other = new Scheduler({
      ...{ logger: world.logger, node: 'other', timezone: 'UTC', shutdownTimeout: 2 },
      jobStores: { default: makeStore() },
    });
    world.other = other;
    for (const [name, task] of Object.entries(tasks('other'))) other.registerTask(name, task);
    await other.start();
    await other.addJobs([
      { id: 'tick', task: 'tick', trigger: 'interval', seconds: 1, coalesce: false, maxInstances: 100 },
      { id: 'long', task: 'long', trigger: 'date', runDate: new Date() },
    ]);
    await world.longBegun.promise;
    await world.ticksSince(world.ledger.lines.length, 2);
    return world;
  }

  /** What ran of the job that runs every second. */
  get ticks(): readonly number[] {
    return this.ledger.lines.filter(({ jobId }) => jobId === 'tick').map(({ scheduledTime }) => scheduledTime);
  }

  /** Lets the run end that was under way when the store went. */
  endLong(): void {
    this.long.open();
  }

  async health(): Promise<{ status: number; json: HealthAnswer }> {
    const { status, json } = await this.api.send('GET /scheduler/health');
    return { status, json: json as HealthAnswer };
  }

  /** Resolves when health answers 503 and says why. */
  async isDown(): Promise<string> {
    return vi.waitFor(async () => {
      const { status, json } = await this.health();
      const store = json.jobstores['default'];
      expect([status, json.status, store?.status]).toEqual([503, 'down', 'failing']);
      return store?.reason ?? '';
    }, patience);
  }

  async isUp(): Promise<void> {
    await vi.waitFor(async () => {
      const { status, json } = await this.health();
      expect([status, json.status]).toEqual([200, 'up']);
      expect(this.other?.health().status).toBe('up');
    }, patience);
  }

  /** What the REST API says of itself, and must be a 503. */
  async refusal(target: string, json?: unknown): Promise<string> {
    const answer = await this.api.send(target, json === undefined ? {} : { json });
    expect(answer.status, `${target}: ${answer.text}`).toBe(503);
    return (answer.json as { error_message: string }).error_message;
  }

  /** Asserts that reads and changes are refused, each with its reason. */
  async refuses(which: { reads: boolean }): Promise<void> {
    const reads = which.reads ? ['GET /scheduler/jobs', 'GET /scheduler/jobs/tick', 'GET /scheduler/runs'] : [];
    const job = { id: 'new', func: 'tick', trigger: 'interval', hours: 1 };
    const said = await Promise.all([
      ...reads.map((target) => this.refusal(target)),
      this.refusal('POST /scheduler/jobs', job),
      this.refusal('POST /scheduler/jobs/tick/run'),
      this.refusal('POST /scheduler/jobs/tick/pause'),
    ]);
    for (const message of said) expect(message).toMatch(/^Job store "default" failed: .{5}/);
  }

  /** Asserts that all is as it should be after an outage: each time ran once, what was under way is known. */
  async recovered(): Promise<void> {
    await this.isUp();
    await this.ticksSince(this.ticks.length, 2);
    const times = this.ticks.toSorted((a, b) => a - b);
    expect(times.filter((time, index) => time === times[index - 1])).toEqual([]);
    const first = times[0] as number;
    expect(times).toEqual(Array.from(times, (_, index) => first + index * SECOND));
    const [long] = await this.settledRuns('long');
    expect([long?.state, long?.attempt]).toEqual(['succeeded', 1]);
    expect(this.ledger.lines.filter(({ jobId }) => jobId === 'long')).toHaveLength(1);
    const { runs } = await this.api.scheduler.getRuns({ jobId: 'tick', limit: 1000 });
    const made = runs.filter(({ state }) => state === 'succeeded').map(({ nominalTime }) => nominalTime);
    expect(new Set(made).size).toBe(made.length);
    expect(times.slice(0, -2).filter((time) => !made.includes(time))).toEqual([]);
    const told = this.logger.lines.filter((line) => line.includes('fails to hand out due jobs'));
    expect(told.length).toBeLessThanOrEqual(1);
  }

  async close(): Promise<void> {
    this.endLong();
    await this.other?.shutdown({ wait: false }).catch(() => undefined);
    await this.rest?.close();
  }

  private get api(): RestApp {
    if (!this.rest) throw new Error('not started');
    return this.rest;
  }

  private async settledRuns(jobId: string): Promise<readonly Run[]> {
    return vi.waitFor(async () => {
      const { runs } = await this.api.scheduler.getRuns({ jobId });
      expect(runs.filter(({ settled }) => !settled)).toEqual([]);
      expect(runs.length).toBeGreaterThan(0);
      return runs;
    }, patience);
  }

  private async ticksSince(count: number, more: number): Promise<void> {
    await vi.waitFor(() => expect(this.ticks.length).toBeGreaterThanOrEqual(count + more), patience);
  }
}
