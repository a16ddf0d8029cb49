import { silentLogger } from '../../../engine/logger.js';
import { Scheduler } from '../../../engine/scheduler.js';
import { copyData } from '../../../engine/util/copy-data.js';
import { equal } from '../checks.js';
import type { Suite } from '../suite.js';

/** Arguments of jobs, as their runs receive them from a scheduler on the store. */
export function argumentsOfRuns({ describe, test }: Suite): void {
  describe('gives runs their arguments', () => {
    test(
      'as stored, whatever earlier runs have done to theirs',
      async ({ store, clock, T, at }) => {
        const given = { args: [['kept']], kwargs: { options: { depth: 1 } } };
        const job = { ...copyData(given), id: 'a', task: 'spoil', retry: { attempts: 2, delay: 1 } };
        const seen: unknown[] = [];
        const scheduler = new Scheduler({
          clock,
          timezone: 'UTC',
          logger: silentLogger,
          jobStores: { default: store },
        });
        scheduler.registerTask('spoil', (list: unknown[], kwargs: { options: { depth: number } }) => {
          seen.push(copyData({ args: [list], kwargs }));
          list.push('changed by a run');
          kwargs.options.depth++;
          if (seen.length === 1) throw new Error('to be tried again');
        });
        await scheduler.start();
        try {
          await scheduler.addJob({ ...job, trigger: 'interval', seconds: 10, startDate: new Date(T + 10_000) });
          await at(T + 25_000);
          equal(seen, [given, given, given], 'what a run, its retry and a later run are given');
          const { args, kwargs } = (await scheduler.getJob('a')) ?? {};
          equal({ args, kwargs }, given, 'the arguments of the job');
          // The store writes the whole job.
          await scheduler.modifyJob('a', { name: 'changed' });
          store.reconsider();
          await at(T + 35_000);
          equal(seen.at(-1), given, 'what a run is given after the job was changed');
          equal(seen.length, 4, 'how many runs there were');
        } finally {
          await scheduler.shutdown();
        }
      },
      { scheduler: true },
    );
  });
}
