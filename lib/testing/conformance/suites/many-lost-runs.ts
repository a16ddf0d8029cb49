import { equal } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import type { StoreNode } from '../store-node.js';
import type { Suite } from '../suite.js';

/** How many runs each of two nodes has under way. */
const RUNS = 600;

/** The runs of a node that is gone, where there are many, and others have many. */
export function manyLostRuns({ describe, settings, test }: Suite): void {
  describe('takes the runs of a node that is gone', () => {
    test(
      'all of them, from among as many of others, and leaves those',
      async (world) => {
        const { store, node, clock } = world;
        const gone = await world.join();
        const take = async (taker: StoreNode, prefix: string): Promise<ReadonlySet<string>> => {
          await store.addMany(Array.from({ length: RUNS }, (_, n) => jobRecord(`${prefix}${n}`, clock.now())));
          const ids = new Set<string>();
          for (let claimed = 1; claimed > 0;) {
            const result = await taker.claimDue({
              limit: 200,
              plan: (job, due) => {
                const run = taker.newRun(job, due.nominalTime);
                // Together more than fits into one answer.
                run.given = { args: ['x'.repeat(10_000)] };
                ids.add(run.id);
                return { ...onTo(clock.now() + 3_600_000), runs: [run] };
              },
            });
            claimed = result.claimed.length;
          }
          return ids;
        };
        const lost = await take(gone, 'gone-');
        const others = await take(node, 'other-');
        gone.clock.stop();
        const idsIn = async (state: 'lost' | 'running'): Promise<readonly string[]> =>
          (await store.getRuns({ limit: 3 * RUNS, states: [state], now: clock.now() })).map(({ id }) => id);
        const [first = ''] = lost;
        const isOver = async (): Promise<boolean> =>
          (await store.getRun(first))?.state === 'lost' && (await idsIn('lost')).length >= RUNS;
        await world.until(isOver, settings.recoveryMs, 'all runs of a node that is gone are lost');
        equal(new Set(await idsIn('lost')), lost, 'the lost runs');
        equal(new Set(await idsIn('running')), others, 'the runs under way');
      },
      { capability: 'shared' },
    );
  });
}
