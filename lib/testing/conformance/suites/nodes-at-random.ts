import type { JobSpec } from '../../../engine/model/job.js';
import type { RunRecord } from '../../../engine/model/run-record.js';
import type { RunEntry } from '../../../engine/runs/run-entry.js';
import type { DueRun, RunPlan } from '../../../engine/stores/job-store.js';
import { equal, isTrue, sameSet } from '../checks.js';
import type { Dice } from '../random-walk.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { StoreNode } from '../store-node.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

const EVERY_MS = 5000;
const MOST_NODES = 4;
/** A run is made again twice at least, so none is given up. */
const MOST_DEATHS = 2;

type Step =
  | { readonly do: 'add'; readonly times: number }
  | { readonly do: 'take'; readonly node: number; readonly limit: number }
  | { readonly do: 'end'; readonly node: number }
  | { readonly do: 'miss'; readonly node: number }
  | { readonly do: 'die'; readonly node: number }
  | { readonly do: 'join' }
  | { readonly do: 'wait'; readonly ms: number };

function draw(dice: Dice): Step {
  const all = ['add', 'add', 'take', 'take', 'take', 'end', 'end', 'miss', 'die', 'join', 'wait', 'wait'] as const;
  const what = dice.oneOf(all);
  const node = dice.below(MOST_NODES);
  if (what === 'add') return { do: what, times: 1 + dice.below(4) };
  if (what === 'take') return { do: what, node, limit: 1 + dice.below(4) };
  if (what === 'wait') return { do: what, ms: 100 * (1 + dice.below(80)) };
  return what === 'join' ? { do: what } : { do: what, node };
}

const keyOf = ({ jobId, nominalTime }: RunEntry): string => `${jobId} ${nominalTime}`;

interface Member {
  readonly node: StoreNode;
  /** What it has under way. */
  readonly live: Set<RunEntry>;
}

/** Nodes that come, go and work, and what they have done. */
class Cluster {
  private readonly alive: Member[] = [];
  /** Every time of every job. */
  private readonly wanted: string[] = [];
  /** The times whose runs have ended. */
  private readonly done: string[] = [];
  private readonly begun: string[] = [];
  /** The times whose runs went with their node, or could not start. */
  private readonly undone: string[] = [];
  private deaths = 0;
  private jobs = 0;

  constructor(private readonly world: StoreWorld) {
    this.alive.push({ node: world.node, live: new Set() });
  }

  async step(step: Step): Promise<void> {
    if (step.do === 'add') return this.add(step.times);
    if (step.do === 'wait') return this.world.at(this.world.clock.now() + step.ms);
    if (step.do === 'join') return this.join();
    const index = step.node % this.alive.length;
    if (step.do === 'take') return this.take(index, step.limit);
    if (step.do === 'end') return this.endOldest(index);
    if (step.do === 'miss') return this.missOldest(index);
    if (this.alive.length > 1 && this.deaths < MOST_DEATHS) this.die(index);
  }

  /** Those that are left do all that is due, until nothing is left to do. */
  async finish(recoveryMs: number): Promise<void> {
    const { store, clock } = this.world;
    const isOver = async (): Promise<boolean> => {
      for (const index of this.alive.keys()) {
        await this.take(index, 100);
        while ((this.alive[index]?.live.size ?? 0) > 0) await this.endOldest(index);
      }
      return (await store.list()).length === 0;
    };
    await this.world.until(
      isOver,
      3 * recoveryMs + 20 * EVERY_MS,
      'every job has run as often as it should, and is gone',
    );
    await this.world.at(clock.now() + recoveryMs);
    await isOver();
    sameSet(this.done, this.wanted, 'the times whose runs have ended, once each');
    const runs = [...this.wanted, ...this.undone];
    sameSet(this.begun, runs, 'the runs: one for each time, and one more for each that could not start or died');
  }

  private async add(times: number): Promise<void> {
    const start = this.world.clock.now() + 1000;
    const id = `job-${++this.jobs}`;
    const last = start + (times - 1) * EVERY_MS;
    await this.world.store.add(jobRecord(id, start, { args: [last] }));
    for (let at = start; at <= last; at += EVERY_MS) this.wanted.push(`${id} ${at}`);
  }

  private async join(): Promise<void> {
    if (this.alive.length < MOST_NODES) this.alive.push({ node: await this.world.join(), live: new Set() });
  }

  private die(index: number): void {
    const [victim] = this.alive.splice(index, 1);
    this.deaths++;
    victim?.node.clock.stop();
    for (const run of victim?.live ?? []) this.undone.push(keyOf(run));
  }

  private async take(index: number, limit: number): Promise<void> {
    const { node, live } = this.alive[index] as Member;
    const plan = (job: JobSpec, { nominalTime }: DueRun): RunPlan => {
      const next = nominalTime + EVERY_MS;
      return { ...onTo(next <= (job.args[0] as number) ? next : null), runs: [node.newRun(job, nominalTime)] };
    };
    const retry = (job: JobSpec, failed: RunRecord): RunEntry => node.newRetry(job, failed);
    const { claimed, retries } = await node.claimDue({ limit, plan, retry });
    for (const run of [...claimed.flatMap((one) => one.plan.runs), ...retries.map((one) => one.run)]) {
      live.add(run);
      this.begun.push(keyOf(run));
    }
  }

  private async endOldest(index: number): Promise<void> {
    const { node, live } = this.alive[index] as Member;
    const [run] = live;
    if (!run) return;
    const { refused = [] } = await node.store.record([end(run, 'succeeded', this.world.clock.now())]);
    equal(refused, [], 'the runs that are refused of a node that is there');
    isTrue(live.delete(run), 'a run ended twice');
    this.done.push(keyOf(run));
  }

  /** A claimed run that could not start is tried again. */
  private async missOldest(index: number): Promise<void> {
    const { node, live } = this.alive[index] as Member;
    const [run] = live;
    if (!run) return;
    const now = this.world.clock.now();
    leftOut(run, 'missed', 'shutdown', now).retryAt = now;
    await node.store.record([run]);
    live.delete(run);
    this.undone.push(keyOf(run));
  }
}

/** Several nodes, some of which die. */
export function nodesAtRandom({ walk, settings }: Suite): void {
  walk(
    'runs each time once, and once more for each node that dies under it, whatever its nodes do',
    draw,
    async (world, steps) => {
      const cluster = new Cluster(world);
      for (const step of steps) await cluster.step(step);
      await cluster.finish(settings.recoveryMs);
    },
    { capability: 'shared' },
  );
}
