import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Keeper } from '../support/servers/keeper.js';
import { writeProgram } from './built-program.js';
import { Cluster } from './cluster.js';
import type { Evidence } from './evidence.js';
import { figuresOf, type Figures } from './figures.js';
import { readHistory } from './history.js';
import { judge, type Verdict } from './judge.js';
import { readLedgers } from './ledger.js';
import { isOfWorkers, makePlan, startSkews, type Mishap, type MishapKind } from './plan.js';
import { openSite, type Backend } from './site.js';
import { timetableOf } from './workload.js';
import type { Workload } from './messages.js';
import { Workers } from './workers.js';

/** The defaults of the stores. */
const LEASE_MS = 15_000;
const BEAT_MS = 5_000;
const ATTEMPTS = 3;

/** How long catching up may take after the last mishap. */
const CATCH_UP_MS = 120_000;
const LOOK_MS = 500;

export interface ChaosOptions {
  readonly backend: Backend;
  readonly seed: number;
  readonly nodes: number;
  readonly jobs: number;
  readonly seconds: number;
  readonly mishaps: Readonly<Partial<Record<MishapKind, number>>>;
  /** How many workers carry out what the nodes hand over to a queue of BullMQ; 0: the nodes carry it out themselves. @default 0 */
  readonly workers?: number;
  /** Whether commits reach the server's disk. */
  readonly fsync: boolean;
  /** Receives progress messages. */
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly options: ChaosOptions;
  /** The store, with its version. */
  readonly title: string;
  readonly plan: readonly Mishap[];
  readonly verdict: Verdict;
  /** Other failures: processes that ended by themselves, jobs that were left. */
  readonly failures: readonly string[];
  readonly figures: Figures;
  /** From the first scheduled time until no job was left, in milliseconds. */
  readonly tookMs: number;
  /** The folder with the ledgers and the nodes' logs; null if they are not needed. */
  readonly kept: string | null;
}

/** Runs jobs on several nodes, injects faults, and judges by the tasks' own ledger. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { backend, seed, nodes, workers: workerCount = 0, jobs, seconds, say } = options;
  const mishaps = backend === 'sqlite' ? withoutServer(options.mishaps) : options.mishaps;
  const plan = makePlan({ seed, nodes, workers: workerCount, windowMs: seconds * 1000, leaseMs: LEASE_MS, mishaps });
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const keeper = new Keeper(folder);
  const site = await openSite(backend, folder, options.fsync);
  const program = writeProgram(join(folder, 'program'));
  const workers = workerCount > 0 ? await Workers.start(workerCount, { folder, keeper, say }) : null;
  const cluster = new Cluster({ site, queue: workers?.site ?? null, program, folder, keeper, say });
  try {
    await cluster.start(startSkews(seed, nodes));
    const workload = await addJobs(cluster, jobs, seconds, workers ? 'queue' : 'default');
    const { startAt } = workload;
    say(`${site.title}: ${jobs} jobs on ${nodes} nodes for ${seconds} s, seed ${seed}`);
    await Promise.all([play(plan, cluster, workers, startAt), delay(startAt + seconds * 1000 - Date.now())]);
    const left = await untilNoneIsLeft(cluster);
    const tookMs = Date.now() - startAt;
    const failures = [...cluster.failures, ...(left > 0 ? [`${left} jobs were left`] : [])];
    await cluster.stopAll();
    await workers?.remove();
    const { entries: ledger, stalls } = readLedgers(folder);
    const runs = await readHistory(site.store(null));
    // A run that has been handed over is none of its node's business: nothing that befalls nodes or their store may double it.
    const troubles = [...(workers ?? cluster).troubles, ...stalls];
    const timetable = timetableOf(workload);
    const evidence: Evidence = {
      ...{ timetable, ledger, runs, troubles },
      ...{ attempts: ATTEMPTS, leaseMs: LEASE_MS, beatMs: BEAT_MS },
    };
    const verdict = judge(evidence);
    const hasFailed = verdict.faults.length + failures.length > 0;
    const kept = hasFailed ? keep(folder) : null;
    const title = workers ? `${site.title}, handed over to BullMQ` : site.title;
    return { options, title, plan, verdict, failures, figures: figuresOf(evidence), tookMs, kept };
  } finally {
    await cluster.remove();
    await workers?.remove();
    await site.remove();
    await keeper.end();
  }
}

/** SQLite has neither a server nor a network. */
function withoutServer(mishaps: ChaosOptions['mishaps']): ChaosOptions['mishaps'] {
  const { kill = 0, stop = 0, jump = 0, killWorker = 0, restartQueue = 0 } = mishaps;
  return { kill, stop, jump, killWorker, restartQueue };
}

async function addJobs(
  cluster: Cluster,
  jobs: number,
  times: number,
  executor: Workload['executor'],
): Promise<Workload> {
  const workload = { jobs, times, startAt: Date.now() + 2000 + jobs * 2, executor };
  await cluster.anyone.ask({ ask: 'add', workload });
  if (Date.now() > workload.startAt) throw new Error('The jobs were not added before their first time');
  return workload;
}

async function play(
  plan: readonly Mishap[],
  cluster: Cluster,
  workers: Workers | null,
  startAt: number,
): Promise<void> {
  await Promise.all(
    plan.map(async (mishap) => {
      await delay(startAt + mishap.at - Date.now());
      await (isOfWorkers(mishap) ? workers?.befall(mishap) : cluster.befall(mishap));
    }),
  );
}

/** Jobs are removed with the outcome of their last run. @returns how many are left when the time is up */
async function untilNoneIsLeft(cluster: Cluster): Promise<number> {
  const deadline = Date.now() + CATCH_UP_MS;
  for (;;) {
    const jobs = await cluster.countJobs();
    if (jobs === 0 || Date.now() > deadline) return jobs;
    await delay(LOOK_MS);
  }
}

/** Copies the folder, since the keeper removes the original. */
function keep(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'chaos-kept-'));
  cpSync(folder, copy, { recursive: true });
  return copy;
}
