import { SystemClock, Scheduler, type JobStore, type Run, type RunContext } from 'nestjs-apscheduler/engine';
import { vi } from 'vitest';
import { gate, memoryLogger, type MemoryLogger } from './engine.js';
import { Ledger } from './ledger.js';
import { startRestApp, type RestApp } from './rest-app.js';

const SECOND = 1000;
const patience = { timeout: 30_000, interval: 50 };

interface HealthAnswer {
  readonly status: string;
  readonly jobstores: Readonly<Record<string, { readonly status: string; readonly reason: string | null }>>;
}

/** The effect of an outage on the runs. Times are epoch milliseconds. */
export interface Damage {
  readonly doubled: readonly number[];
  readonly missing: readonly number[];
  /** Times that ran and are missing in the history. */
  readonly unrecorded: readonly number[];
  readonly recordedTwice: readonly number[];
  /** How the run that was active during the outage ended, and in which attempt. */
  readonly long: readonly string[];
  /** Log lines that one node wrote more than once; debug lines report every attempt. */
  readonly repeated: readonly string[];
}

export const NO_DAMAGE: Damage = {
  doubled: [],
  missing: [],
  unrecorded: [],
  recordedTwice: [],
  long: ['succeeded, attempt 1'],
  repeated: [],
};

/**
 * Two schedulers on one store, in real time: an application that serves the REST API, and a plain engine. `tick` runs every
 * second, and makes up every missed time; `long` is active until its gate opens. A ledger in memory records what ran.
 */
export class OutageWorld {
  readonly ledger = new Ledger();
  readonly logger: MemoryLogger = memoryLogger();
  private readonly long = gate();
  private readonly longBegun = gate();
  private rest: RestApp | undefined;
  private other: Scheduler | undefined;

  /** @param makeStore - called once per scheduler. @param result - what `tick` returns, to be stored with its run. */
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

  /** The runs of the job that runs every second. */
  get ticks(): readonly number[] {
    return this.ledger.lines.filter(({ jobId }) => jobId === 'tick').map(({ scheduledTime }) => scheduledTime);
  }

  /** Lets the run end that was active when the outage started. */
  endLong(): void {
    this.long.open();
  }

  async health(): Promise<{ status: number; json: HealthAnswer }> {
    const { status, json } = await this.api.send('GET /scheduler/health');
    return { status, json: json as HealthAnswer };
  }

  /** Resolves when the health route answers 503, with its reasons. */
  async isDown(): Promise<string> {
    return until(async () => {
      const { status, json } = await this.health();
      const store = json.jobstores['default'];
      if (status === 503 && json.status === 'down' && store?.status === 'failing') return store.reason ?? undefined;
      return undefined;
    });
  }

  /** Resolves when both schedulers are healthy. */
  async isUp(): Promise<void> {
    await until(async () => {
      const { status, json } = await this.health();
      return status === 200 && json.status === 'up' && this.other?.health().status === 'up' ? true : undefined;
    });
  }

  /** A request to the REST API: its status and error message. */
  async answer(target: string, json?: unknown): Promise<string> {
    const answer = await this.api.send(target, json === undefined ? {} : { json });
    const { error_message: message = answer.text } = answer.json as { error_message?: string };
    return `${answer.status} ${message}`;
  }

  /** Tries several requests; returns those that were not answered by a 503 that names the store and the reason. */
  async unrefused(which: { reads: boolean }): Promise<readonly string[]> {
    const reads = which.reads ? ['GET /scheduler/jobs', 'GET /scheduler/jobs/tick', 'GET /scheduler/runs'] : [];
    const job = { id: 'new', func: 'tick', trigger: 'interval', hours: 1 };
    const said = await Promise.all([
      ...reads.map((target) => this.answer(target)),
      this.answer('POST /scheduler/jobs', job),
      this.answer('POST /scheduler/jobs/tick/run'),
      this.answer('POST /scheduler/jobs/tick/pause'),
    ]);
    return said.filter((answer) => !/^503 Job store "default" failed: .{5}/.test(answer));
  }

  /** Waits until both schedulers are healthy, and reports the effect of the outage. */
  async damage(): Promise<Damage> {
    await this.isUp();
    await this.ticksSince(this.ticks.length, 2);
    const times = this.ticks.toSorted((a, b) => a - b);
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const due = Array.from({ length: (last - first) / SECOND + 1 }, (_, index) => first + index * SECOND);
    const long = await this.settledRuns('long');
    const { runs } = await this.api.scheduler.getRuns({ jobId: 'tick', limit: 1000 });
    const recorded = runs.filter(({ state }) => state === 'succeeded').map(({ nominalTime }) => nominalTime);
    return {
      doubled: times.filter((time, index) => time === times[index - 1]),
      missing: due.filter((time) => !times.includes(time)),
      // The latest outcomes may not be recorded yet.
      unrecorded: times.slice(0, -2).filter((time) => !recorded.includes(time)),
      recordedTwice: recorded.filter((time, index) => recorded.indexOf(time) !== index),
      long: long.map(({ state, attempt }) => `${state}, attempt ${attempt}`),
      repeated: this.logger.lines.filter(
        (line, index, lines) => lines.indexOf(line) !== index && !line.startsWith('debug'),
      ),
    };
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
    return until(async () => {
      const { runs } = await this.api.scheduler.getRuns({ jobId });
      return runs.length > 0 && runs.every(({ settled }) => settled) ? runs : undefined;
    });
  }

  private async ticksSince(count: number, more: number): Promise<void> {
    await until(() => Promise.resolve(this.ticks.length >= count + more || undefined));
  }
}

/** Polls until there is an answer. */
function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  return vi.waitFor(async () => {
    const answer = await ask();
    if (answer === undefined) throw new Error('Timed out waiting for a condition');
    return answer;
  }, patience);
}
