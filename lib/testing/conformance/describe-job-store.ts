import { anySeed, walk, type Dice } from './random-walk.js';
import type { DescribeJobStoreOptions, MakeStoreUnderTest, SuiteSettings, TestNeeds } from './store-under-test.js';
import { StoreWorld } from './store-world.js';
import type { Suite } from './suite.js';
import { auditTrail } from './suites/audit-trail.js';
import { argumentsOfRuns } from './suites/arguments-of-runs.js';
import { cancelling } from './suites/cancelling.js';
import { clockSetBack } from './suites/clock-set-back.js';
import { completedJobs } from './suites/completed-jobs.js';
import { clusterStarts } from './suites/cluster-starts.js';
import { clusterState } from './suites/cluster-state.js';
import { durability } from './suites/durability.js';
import { endings } from './suites/endings.js';
import { handedOverRuns } from './suites/handed-over-runs.js';
import { heldRuns } from './suites/held-runs.js';
import { historyLimits } from './suites/history-limits.js';
import { lostJobs } from './suites/lost-jobs.js';
import { manyLostRuns } from './suites/many-lost-runs.js';
import { manyJobs } from './suites/many-jobs.js';
import { jobAttributes } from './suites/job-attributes.js';
import { findingJobs } from './suites/finding-jobs.js';
import { jobs } from './suites/jobs.js';
import { jobsAtRandom } from './suites/jobs-at-random.js';
import { declaredJobs } from './suites/declared-jobs.js';
import { dueJobs } from './suites/due-jobs.js';
import { lastRuns } from './suites/last-runs.js';
import { leases } from './suites/leases.js';
import { lookingForRuns } from './suites/looking-for-runs.js';
import { memoryOfJobs } from './suites/memory-of-jobs.js';
import { missedRuns } from './suites/missed-runs.js';
import { nodeList } from './suites/node-list.js';
import { nodesAtRandom } from './suites/nodes-at-random.js';
import { recordedRuns } from './suites/recorded-runs.js';
import { removedRuns } from './suites/removed-runs.js';
import { retries } from './suites/retries.js';
import { runsAtRandom } from './suites/runs-at-random.js';
import { runningElsewhere } from './suites/running-elsewhere.js';
import { sharing } from './suites/sharing.js';
import { statistics } from './suites/statistics.js';
import { unreadable } from './suites/unreadable.js';
import { unreadableNodes } from './suites/unreadable-nodes.js';
import { resolveFramework, skip } from './test-framework.js';

const SUITES: readonly ((suite: Suite) => void)[] = [
  ...[jobs, findingJobs, jobAttributes, declaredJobs, completedJobs, dueJobs, jobsAtRandom],
  ...[
    recordedRuns,
    argumentsOfRuns,
    endings,
    retries,
    missedRuns,
    lookingForRuns,
    removedRuns,
    lastRuns,
    historyLimits,
    manyJobs,
    memoryOfJobs,
    statistics,
    auditTrail,
    runsAtRandom,
  ],
  ...[durability, sharing, runningElsewhere, leases, heldRuns, handedOverRuns, manyLostRuns, nodesAtRandom],
  ...[nodeList, clockSetBack, clusterState, clusterStarts, cancelling, unreadable, unreadableNodes, lostJobs],
];

/**
 * Declares the tests of what every job store must do: call it where your test framework expects tests. A store is right
 * when all of them pass. What a store's capabilities do not claim is not asked of it.
 *
 * @param name - as it stands in the names of the tests: `MongoDB`.
 * @param make - makes a new, empty store, for each test.
 * @param options - `describe` and `it` of your framework, where they are no globals, and how much is asked.
 * @throws ConfigurationError when there is no `describe` or `it`.
 *
 * @example
 * import { describe, it } from 'node:test';
 * import { describeJobStore } from 'nestjs-apscheduler/testing';
 *
 * describeJobStore('MongoDB', async (clock) => {
 *   const database = await freshDatabase();
 *   const open = () => new MongoJobStore({ database, now: () => clock.now() });
 *   return { store: open(), another: open, dispose: () => database.drop() };
 * }, { describe, it });
 */
export function describeJobStore(name: string, make: MakeStoreUnderTest, options: DescribeJobStoreOptions = {}): void {
  const framework = resolveFramework(options);
  const settings = resolveSettings(options);
  const { timeoutMs } = settings;
  /** Answers whether the test applies to this store. */
  const inWorld = async (
    needs: TestNeeds,
    body: (world: StoreWorld) => Promise<void>,
    context: readonly unknown[],
  ): Promise<boolean> => {
    const world = await StoreWorld.open(make, needs);
    const unfit = world.unfitFor(needs);
    try {
      if (unfit === null) await body(world);
    } catch (error) {
      // What the test found is what counts.
      await world.close().catch(() => undefined);
      throw error;
    }
    await world.close();
    if (unfit !== null) skip(context, unfit);
    return unfit === null;
  };
  const suite: Suite = {
    settings,
    describe: (title, body) => void framework.describe(title, body),
    test(title, body, needs = {}) {
      const run = async (...context: unknown[]): Promise<void> => void (await inWorld(needs, body, context));
      framework.it(title, run, timeoutMs);
    },
    walk<Step>(
      title: string,
      draw: (dice: Dice) => Step,
      body: (world: StoreWorld, steps: readonly Step[]) => Promise<void>,
      needs: TestNeeds = {},
    ): void {
      const run = (...context: unknown[]): Promise<void> => {
        const take = (steps: readonly Step[]): Promise<boolean> =>
          inWorld(needs, (world) => body(world, steps), context);
        return walk(settings, draw, take);
      };
      framework.it(title, run, timeoutMs);
    },
  };
  framework.describe(`The ${name} job store`, () => {
    for (const declare of SUITES) declare(suite);
  });
}

function resolveSettings(options: DescribeJobStoreOptions): SuiteSettings {
  const { recoveryMs = 60_000, noticeMs = 10_000, walks = 50, seed = anySeed(), timeoutMs = 120_000 } = options;
  return { recoveryMs, noticeMs, walks, seed, timeoutMs };
}
