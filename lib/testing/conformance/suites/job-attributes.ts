import { JobCompletedError } from '../../../engine/errors.js';
import type { JobRecord } from '../../../engine/model/job.js';
import type { DueJob } from '../../../engine/stores/job-store.js';
import { equal, matches, present, refuses } from '../checks.js';
import { jobRecord, onTo } from '../sample-jobs.js';
import type { Suite } from '../suite.js';

const DESCRIBED: Partial<JobRecord> = {
  tags: ['billing', 'nightly ✓'],
  metadata: { owner: { team: 'a' }, links: ['x', null, 1] },
  description: 'Sends the invoices of the day.',
  maxRuns: 5,
  pauseAfterFailures: 3,
  enabled: false,
  pause: { since: 1000, actor: 'ann', note: 'the printer burns', reason: 'request' },
  failures: 2,
};

/** What few jobs have: attributes, and a limited number of runs. */
export function jobAttributes({ describe, test }: Suite): void {
  describe('keeps attributes of jobs', () => {
    test('that they were given, and through changes', async ({ store }) => {
      const job = jobRecord('a', null, DESCRIBED);
      await store.add(job);
      equal(await store.get('a'), job, 'get() after add()');
      equal(await store.list(), [job], 'list() after add()');
      const { tags: _tags, pause: _pause, ...rest } = job;
      await store.update('a', () => ({ ...rest, description: 'Another.' }));
      equal(await store.get('a'), { ...rest, description: 'Another.' }, 'get() after update()');
    });

    test('and gives them to plan()', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T, { tags: ['x'], metadata: { a: 1 }, description: 'b', pauseAfterFailures: 3 }));
      const { claimed } = await node.claimDue({ plan: () => onTo(T + 9000) });
      matches(
        claimed,
        [{ job: { tags: ['x'], metadata: { a: 1 }, description: 'b', pauseAfterFailures: 3 } }],
        'the job',
      );
    });
  });

  describe('counts the runs that a schedule has left', () => {
    test('as plan() says, in the step that claims the job', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T, { maxRuns: 3, runsLeft: 3 }));
      await store.add(jobRecord('b', T));
      const seen: Record<string, unknown> = {};
      const claim = async (runsLeft: number, next: number): Promise<void> => {
        await node.claimDue({
          plan: (job, { runsLeft: left }: DueJob) => {
            seen[job.id] = left;
            return { ...onTo(next), ...(left !== undefined && { runsLeft }) };
          },
        });
      };
      await claim(2, T + 9000);
      equal(seen, { a: 3, b: undefined }, 'the runs left that plan() is given');
      matches(await store.get('a'), { runsLeft: 2, nextRunTime: T + 9000 }, 'the job after the claim');
      equal('runsLeft' in present(await store.get('b'), 'the other job'), false, 'whether the other job has runs left');
      await world.at(T + 9000);
      await claim(1, T + 20_000);
      equal(seen, { a: 2, b: undefined }, 'the runs left that plan() is given next');
    });

    test('through a pause and other changes', async (world) => {
      const { store, T, node } = world;
      await store.add(jobRecord('a', T, { maxRuns: 3, runsLeft: 2 }));
      await store.update('a', (job) => ({ ...job, nextRunTime: null, nextNominalTime: null, paused: true }));
      matches(await store.get('a'), { runsLeft: 2, paused: true }, 'a job that is paused');
      await store.update('a', (job) => ({ ...job, nextRunTime: T + 1000, nextNominalTime: T + 1000, paused: false }));
      matches(await store.get('a'), { runsLeft: 2, nextRunTime: T + 1000 }, 'a job that is resumed');
      await store.update('a', ({ runsLeft: _left, maxRuns: _max, ...job }) => job);
      equal(
        'runsLeft' in present(await store.get('a'), 'the job'),
        false,
        'whether it has a limit that was taken away',
      );
      await node.isNextDue(T + 1000, 'of a job without a limit');
    });

    test('and does not add a declared job again that has made all of them', async (world) => {
      const { store, T, node } = world;
      const declared = jobRecord('a', T, { maxRuns: 1, runsLeft: 1, declaredBy: { release: null } });
      await store.add(declared, true);
      const { claimed } = await node.claimDue({ plan: () => ({ ...onTo(null), runsLeft: 0 }) });
      equal(claimed[0]?.isRemoved, true, 'whether the job goes');
      const later = { ...declared, nextRunTime: T + 60_000, nextNominalTime: T + 60_000 };
      await refuses(store.add(later, true), JobCompletedError, 'a declaration for a later time');
    });
  });
}
