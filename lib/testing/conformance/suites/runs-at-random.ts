import type { RunEntry } from '../../../engine/runs/run-entry.js';
import { equal, sameSet } from '../checks.js';
import type { Dice } from '../random-walk.js';
import { jobRecord } from '../sample-jobs.js';
import { end, leftOut } from '../sample-runs.js';
import type { StoreWorld } from '../store-world.js';
import type { Suite } from '../suite.js';

type Ending = 'succeeded' | 'failed' | 'again' | 'missed' | 'lost';

type Step =
  | { readonly do: 'add'; readonly id: string; readonly after: number }
  | { readonly do: 'remove'; readonly id: string }
  | { readonly do: 'take'; readonly next: number | null }
  | { readonly do: 'end'; readonly pick: number; readonly how: Ending };

function draw(dice: Dice): Step {
  const id = dice.oneOf(['a', 'b', 'c']);
  const what = dice.oneOf(['add', 'remove', 'take', 'end'] as const);
  if (what === 'add') return { do: what, id, after: dice.below(21) };
  if (what === 'remove') return { do: what, id };
  if (what === 'take') return { do: what, next: dice.below(5) === 0 ? null : dice.below(11) };
  return { do: what, pick: dice.below(1000), how: dice.oneOf(['succeeded', 'failed', 'again', 'missed', 'lost']) };
}

interface ModelJob {
  at: number | null;
  readonly live: Set<RunEntry>;
  readonly retries: Map<RunEntry, number>;
}

interface ModelRun {
  readonly run: RunEntry;
  readonly owner: ModelJob | undefined;
}

/** What a store should have, in plain lists. */
class Model {
  readonly jobs = new Map<string, ModelJob>();
  readonly runs: ModelRun[] = [];

  constructor(private readonly world: StoreWorld) {}

  async step(step: Step): Promise<void> {
    const { clock, store } = this.world;
    await this.world.at(clock.now() + 5);
    if (step.do === 'take') await this.take(clock.now(), step.next);
    else if (step.do === 'end') await this.end(clock.now(), step.pick, step.how);
    else if (step.do === 'remove') {
      if (this.jobs.delete(step.id)) await store.remove(step.id);
    } else if (!this.jobs.has(step.id)) {
      const at = clock.now() + step.after;
      await store.add(jobRecord(step.id, at));
      this.jobs.set(step.id, { at, live: new Set(), retries: new Map() });
    }
    await this.check();
  }

  private async take(now: number, after: number | null): Promise<void> {
    const next = after === null ? null : now + 1 + after;
    const { claimed, retries } = await this.world.node.take(next);
    const due = [...this.jobs].filter(([, { at }]) => at !== null && at <= now).map(([id]) => id);
    sameSet(
      claimed.map(({ job }) => job.id),
      due,
      'the jobs that are due',
    );
    const again = [...this.jobs].flatMap(([id, job]) =>
      [...job.retries].filter(([, at]) => at <= now).map(([run]) => `${id} ${run.retryOf ?? run.id}`),
    );
    sameSet(
      retries.map(({ job, run }) => `${job.id} ${run.retryOf}`),
      again,
      'the retries that are due',
    );
    for (const job of this.jobs.values()) {
      for (const [run, at] of job.retries) if (at <= now) job.retries.delete(run);
    }
    for (const id of due) (this.jobs.get(id) as ModelJob).at = next;
    for (const run of [...claimed.flatMap(({ plan }) => plan.runs), ...retries.map(({ run }) => run)]) {
      const owner = this.jobs.get(run.jobId);
      owner?.live.add(run);
      this.runs.push({ run, owner });
    }
  }

  private async end(now: number, pick: number, how: Ending): Promise<void> {
    const live = this.runs.filter(({ run }) => !run.settled);
    const picked = live[pick % Math.max(1, live.length)];
    if (!picked) return;
    const { run, owner } = picked;
    const job = this.jobs.get(run.jobId) === owner ? owner : undefined;
    job?.live.delete(run);
    if (how === 'missed') leftOut(run, 'missed', 'shutdown', now);
    else end(run, how === 'succeeded' || how === 'lost' ? how : 'failed', now);
    if (how === 'again' || how === 'missed') {
      run.retryAt = how === 'again' ? now + 7 : now;
      job?.retries.set(run, run.retryAt);
    }
    const { removed } = await this.world.store.record([run]);
    const isGone = job?.at === null && how !== 'lost' && job.live.size + job.retries.size === 0;
    if (isGone) this.jobs.delete(run.jobId);
    equal(removed, isGone ? [run.jobId] : [], 'the jobs that went with a run');
  }

  private async check(): Promise<void> {
    const { store, find } = this.world;
    const listed = (await store.list()).map((job) => `${job.id} ${job.nextRunTime}`);
    sameSet(
      listed,
      [...this.jobs].map(([id, { at }]) => `${id} ${at}`),
      'what list() answers',
    );
    const kept = this.runs
      .map(({ run }) => `${run.id} ${run.state}`)
      .toSorted()
      .toReversed();
    equal(
      (await find()).map((run) => `${run.id} ${run.state}`),
      kept,
      'what getRuns() answers',
    );
  }
}

/** Runs beside plain lists. */
export function runsAtRandom({ walk }: Suite): void {
  walk('agrees with plain lists, whatever becomes of its runs', draw, async (world, steps) => {
    const model = new Model(world);
    for (const step of steps) await model.step(step);
  });
}
