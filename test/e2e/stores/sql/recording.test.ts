import { afterEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../../../../lib/engine/clock.js';
import { resolveHistory } from '../../../../lib/engine/stores/history-options.js';
import { SqlJobStore } from '../../../../lib/stores/sql/index.js';
import { NodeLease } from '../../../../lib/stores/sql/nodes/node-lease.js';
import { RecordRuns } from '../../../../lib/stores/sql/runs/record-runs.js';
import { jobRecord } from '../../../../lib/testing/conformance/sample-jobs.js';
import { StoreNode } from '../../../../lib/testing/conformance/store-node.js';
import { plainSql } from '../../../support/sql/plain-sql.js';
import { testDatabases } from '../../../support/sql/test-databases.js';

const postgres = (await testDatabases()).filter(({ name, available }) => name === 'postgres' && available);

describe.each(postgres)('A run by hand that is recorded in $title', ({ fresh }) => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is under the lease that holds then, though its node had another one when it began to record it', async () => {
    const url = await fresh();
    const starting = vi.spyOn(NodeLease.prototype, 'start');
    const node = new StoreNode(new SqlJobStore({ url }), 'node', new SystemClock());
    await node.start(resolveHistory());
    const lease = starting.mock.contexts.at(-1) as NodeLease;
    const job = jobRecord('a', Date.now() + 3_600_000);
    await node.store.add(job);
    const steps = RecordRuns.prototype as unknown as { find: (...args: unknown[]) => Promise<unknown> };
    const { find } = steps;
    vi.spyOn(steps, 'find').mockImplementationOnce(async function (this: unknown, ...args) {
      const found = await find.apply(this, args);
      await plainSql(url, 'DELETE FROM scheduler_nodes');
      await lease.beat();
      return found;
    });
    const run = node.newRun(job, Date.now(), { cause: 'manual' });
    expect(await node.store.record([run])).toEqual({ removed: [] });
    const held = `SELECT r.id FROM scheduler_runs AS r JOIN scheduler_nodes AS n ON n.id = r.lease`;
    expect(await plainSql(url, held)).toEqual([{ id: run.id }]);
    await node.stop();
  });
});
