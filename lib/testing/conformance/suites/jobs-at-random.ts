import type { JobRecord } from '../../../engine/model/job.js';
import { equal, sameSet } from '../checks.js';
import type { Dice } from '../random-walk.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import type { Suite } from '../suite.js';

type Step =
  | { readonly do: 'add' | 'update'; readonly id: string; readonly after: number | null }
  | { readonly do: 'remove'; readonly id: string }
  | { readonly do: 'take'; readonly limit: number };

function draw(dice: Dice): Step {
  const id = dice.oneOf(['a', 'b', 'c', 'd', 'e']);
  const what = dice.oneOf(['add', 'update', 'remove', 'take', 'take'] as const);
  if (what === 'remove') return { do: what, id };
  if (what === 'take') return { do: what, limit: 1 + dice.below(3) };
  return { do: what, id, after: dice.below(6) === 0 ? null : dice.below(21) };
}

const succeeds = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    () => false,
  );

/** Jobs, and what is due of them, beside a plain list. */
export function jobsAtRandom({ walk }: Suite): void {
  walk('agrees with a plain list, whatever is done to its jobs', draw, async (world, steps) => {
    const { store, clock, node } = world;
    const model = new Map<string, number | null>();
    for (const step of steps) {
      await world.at(clock.now() + 3);
      const now = clock.now();
      if (step.do === 'take') {
        const due = [...model].flatMap(([, at]) => (at !== null && at <= now ? [at] : []));
        const { claimed } = await node.claimDue({ limit: step.limit, plan: () => onTo(now + 5) });
        const times = claimed.map(({ job }) => model.get(job.id));
        equal(times, due.toSorted((a, b) => a - b).slice(0, step.limit), 'the times that were due, in order');
        for (const { job } of claimed) model.set(job.id, now + 5);
      } else if (step.do === 'remove') {
        equal(await succeeds(store.remove(step.id)), model.delete(step.id), `whether remove("${step.id}") succeeds`);
      } else {
        const at = step.after === null ? null : now + step.after;
        const moved = { nextRunTime: at, nextNominalTime: at, paused: at === null };
        const call =
          step.do === 'add'
            ? store.add(jobRecord(step.id, at))
            : store.update(step.id, (job): JobRecord => ({ ...job, ...moved }));
        const isRight = (step.do === 'add') !== model.has(step.id);
        equal(await succeeds(call), isRight, `whether ${step.do}("${step.id}") succeeds`);
        if (isRight) model.set(step.id, at);
      }
      const waiting = [...model.values()].filter((at) => at !== null);
      const first = waiting.length > 0 ? Math.min(...waiting) : null;
      if (first === null || first > now) await node.isNextDue(first, 'after a step');
      const listed = (await store.list()).map(({ id, nextRunTime }) => `${id} ${nextRunTime}`);
      sameSet(
        listed,
        [...model].map(([id, at]) => `${id} ${at}`),
        'what list() answers',
      );
    }
  });
}
