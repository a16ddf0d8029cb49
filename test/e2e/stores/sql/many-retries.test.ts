import { ManualClock } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { jobRecord } from '../../../../lib/testing/conformance/sample-jobs.js';
import { end } from '../../../../lib/testing/conformance/sample-runs.js';
import { StoreNode } from '../../../../lib/testing/conformance/store-node.js';
import { START } from '../../../support/engine.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const databases = await testDatabases();
const history = { perJob: 1000, total: 10_000, maxAgeMs: Infinity, maxBytes: Infinity };

describe.each(databases.filter(({ available }) => available))(
  'Many retries that are due at once on $title',
  (database) => {
    it('are claimed a hundred at a time, since each comes with what its run has logged', async () => {
      const clock = new ManualClock(START);
      const node = new StoreNode(new SqlJobStore({ url: await database.fresh(), time: 'node' }), 'node', clock);
      await node.start(history);
      const job = jobRecord('a', START + 3_600_000);
      await node.store.add(job);
      const failed = Array.from({ length: 250 }, () => node.newRun(job, START));
      await node.store.record(failed);
      for (const run of failed) end(run, 'failed', START).retryAt = START;
      await node.store.record(failed);

      const counts: number[] = [];
      for (let isDue = true; isDue;) {
        const { retries, nextDue } = await node.take(null, 500);
        counts.push(retries.length);
        isDue = nextDue !== null && nextDue <= START;
      }
      expect(counts).toEqual([100, 100, 50]);
      await node.stop();
    });
  },
);
