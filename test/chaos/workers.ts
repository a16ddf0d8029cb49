import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Program } from '../support/program.js';
import type { Keeper } from '../support/servers/keeper.js';
import { LocalServer } from '../support/servers/local-server.js';
import { recipes } from '../support/servers/recipes.js';
import type { Trouble } from './evidence.js';
import type { QueueSite, WorkerSettings } from './messages.js';
import type { WorkerMishap } from './plan.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(ROOT, 'test/chaos/worker-program.ts');

interface WorkerProcess {
  readonly name: string;
  readonly program: Program;
}

interface Worker {
  readonly worker: string;
  /** The number of its processes so far. */
  count: number;
  process: WorkerProcess | null;
}

export interface WorkersParts {
  readonly folder: string;
  readonly keeper: Keeper;
  /** Receives progress messages. */
  readonly say: (line: string) => void;
}

/** A queue of BullMQ on a server of its own, the processes that work for it, and the faults that can be injected. */
export class Workers {
  /** What has happened to these processes so far. */
  readonly troubles: Trouble[] = [];
  private readonly workers: Worker[] = [];
  private ending = false;

  private constructor(
    private readonly parts: WorkersParts,
    private readonly server: LocalServer,
    readonly site: QueueSite,
  ) {}

  static async start(count: number, parts: WorkersParts): Promise<Workers> {
    const server = await LocalServer.start(recipes.redis, { fsync: true });
    const { url, keyPrefix } = await recipes.redis.makeRoom(server.url);
    const workers = new Workers(parts, server, { url, prefix: keyPrefix, queue: 'chaos' });
    for (let index = 1; index <= count; index++) workers.workers.push({ worker: `w${index}`, count: 0, process: null });
    await Promise.all(workers.workers.map((worker) => workers.startOne(worker)));
    return workers;
  }

  /** Injects a fault. Resolves when it is over. */
  befall(mishap: WorkerMishap): Promise<void> {
    return mishap.kind === 'killWorker'
      ? this.kill(this.workers[mishap.worker] as Worker, mishap.forMs)
      : this.restartServer();
  }

  /** Ends all processes, and the server. */
  async remove(): Promise<void> {
    this.ending = true;
    await Promise.all(this.workers.map((worker) => this.end(worker)));
    await this.server.remove();
  }

  private async startOne(worker: Worker): Promise<void> {
    if (this.ending) return;
    const { folder, keeper } = this.parts;
    const name = `${worker.worker}.${++worker.count}`;
    const settings: WorkerSettings = { process: name, folder, site: this.site };
    const program = new Program(['--import', 'tsx', PROGRAM, JSON.stringify(settings)], { cwd: ROOT });
    if (program.pid !== undefined) keeper.watch(name, program.pid);
    worker.process = { name, program };
    await program.writes(/ready/);
  }

  private async end(worker: Worker): Promise<void> {
    const { process } = worker;
    if (!process) return;
    worker.process = null;
    process.program.send('SIGKILL');
    await process.program.end();
    this.parts.keeper.forget(process.name);
  }

  private async kill(worker: Worker, forMs: number): Promise<void> {
    const { process } = worker;
    if (!process) return;
    const at = Date.now();
    this.parts.say(`SIGKILL to worker ${process.name}`);
    await this.end(worker);
    this.troubles.push({ kind: 'kill', process: process.name, from: at, to: at });
    await delay(forMs);
    await this.startOne(worker);
    this.parts.say(`Worker ${worker.worker} is there again`);
  }

  private async restartServer(): Promise<void> {
    const from = Date.now();
    await this.server.stop();
    await this.server.start();
    this.troubles.push({ kind: 'outage', process: null, from, to: Date.now() });
    this.parts.say("The queue's server was stopped, and is there again");
  }
}
