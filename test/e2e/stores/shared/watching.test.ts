import { Scheduler, SystemClock, type SchedulerChange } from 'nestjs-apscheduler/engine';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { memoryLogger } from '../../../support/engine.js';
import { sharedPlaces } from '../../../support/shared-stores.js';

const places = await sharedPlaces();
const NEVER = { trigger: 'date', runDate: '2090-01-01' } as const;

describe.each(places.filter(({ available }) => available))('Watching one of two nodes on $title', ({ make: fresh }) => {
  const twoNodes = async (aheadMs = 0) => {
    const newStore = await fresh();
    const make = (node: string): Scheduler => {
      const clock = new SystemClock();
      if (node === 'there') clock.now = () => Date.now() + aheadMs;
      const scheduler = new Scheduler({
        ...{ node, clock },
        timezone: 'UTC',
        logger: memoryLogger(),
        jobStores: { default: newStore() },
      });
      onTestFinished(() => scheduler.shutdown({ wait: false }));
      return scheduler;
    };
    const [here, there] = [make('here'), make('there')];
    let end = (): void => undefined;
    for (const node of [here, there]) {
      node.registerTask('waits', () => new Promise<void>((resolve) => (end = resolve)));
      node.registerTask('work', () => 1);
      node.registerTask('fails', () => Promise.reject(new Error('no')));
    }
    // One at a time: each creates the tables.
    await here.start();
    await there.start();
    return { here, there, end: () => end() };
  };
  const until = (expected: () => unknown): Promise<unknown> => vi.waitFor(expected, { timeout: 20_000, interval: 50 });
  /** Watches a node, until it has looked for the first time, which shows nothing. */
  const watch = async (here: Scheduler, there: Scheduler): Promise<SchedulerChange[]> => {
    const changes: SchedulerChange[] = [];
    onTestFinished(here.watch((change) => changes.push(change)));
    let probes = 0;
    await until(async () => {
      await there.addJob({ id: `probe-${++probes}`, task: 'work', ...NEVER });
      expect(changes).toContainEqual(expect.objectContaining({ type: 'job_added', node: null }));
    });
    changes.length = 0;
    return changes;
  };

  it('shows the runs of the other one, those that were under way before too, and each change once', async () => {
    const { end, here, there } = await twoNodes();
    await there.addJob({ id: 'old', task: 'waits', ...NEVER });
    const { id: oldRun } = await there.runJob('old', { wait: false });
    await here.addJob({ id: 'ours', task: 'fails', ...NEVER });
    await there.addJob({ id: 'work', task: 'work', ...NEVER });
    const changes = await watch(here, there);
    const runs = () => changes.filter((change) => 'runId' in change);
    await there.runJob('work');
    await here.runJob('ours').catch(() => undefined);
    const about = (runId: string | undefined, jobId: string, node: string) => ({ runId, jobId, node });
    await until(() => expect(runs()).toHaveLength(4));
    const { runs: ofWork } = await here.getRuns({ jobId: 'work' });
    const { runs: ofOurs } = await here.getRuns({ jobId: 'ours' });
    expect(runs()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...about(ofWork[0]?.id, 'work', 'there'), type: 'job_submitted', state: 'running' }),
        expect.objectContaining({ ...about(ofWork[0]?.id, 'work', 'there'), type: 'job_executed', state: 'succeeded' }),
        expect.objectContaining({ ...about(ofOurs[0]?.id, 'ours', 'here'), type: 'job_submitted', state: 'running' }),
        expect.objectContaining({ ...about(ofOurs[0]?.id, 'ours', 'here'), type: 'job_error', state: 'failed' }),
      ]),
    );
    end();
    await until(() => expect(runs()).toHaveLength(5));
    expect(runs().at(-1)).toMatchObject({ runId: oldRun, type: 'job_executed', node: 'there' });
  });

  it('shows the changes of jobs that the other one makes, and each of its own once', async () => {
    const { here, there } = await twoNodes();
    await there.addJob({ id: 'a', task: 'work', ...NEVER });
    await there.addJob({ id: 'b', task: 'work', ...NEVER });
    const changes = await watch(here, there);
    const told = (): string[] =>
      changes
        .map((change) => `${change.type} ${'jobId' in change ? change.jobId : ''}`)
        .filter((text) => !/probe|audit/.test(text));
    await here.addJob({ id: 'own', task: 'work', ...NEVER });
    await here.pauseJob('own');
    await there.addJob({ id: 'c', task: 'work', ...NEVER });
    await until(() => expect(told()).toContain('job_added c'));
    await there.pauseJob('a', { note: 'holiday' });
    await until(() => expect(told()).toContain('job_modified a'));
    await there.removeJob('b');
    await until(() => expect(told()).toContain('job_removed b'));
    await here.removeJob('own');
    expect(told().toSorted()).toEqual([
      'job_added c',
      'job_added own',
      'job_modified a',
      'job_modified own',
      'job_removed b',
      'job_removed own',
    ]);
  });

  it('shows the entries of the audit trail that the other one makes, and each of its own once', async () => {
    const { here, there } = await twoNodes();
    await there.addJob({ id: 'a', task: 'work', ...NEVER });
    const changes = await watch(here, there);
    const told = (): string[] =>
      changes.flatMap((change) =>
        change.type === 'audit_recorded' && change.actor === 'ann'
          ? `${change.action} ${change.jobId} on ${change.node}`
          : [],
      );
    await here.actAs({ actor: 'ann' }, () => here.addJob({ id: 'own', task: 'work', ...NEVER }));
    await there.actAs({ actor: 'ann' }, async () => {
      await there.pauseJob('a');
      await there.removeJob('a');
    });
    await until(() => expect(told()).toContain('job.remove a on there'));
    expect(told()).toEqual(['job.add own on here', 'job.pause a on there', 'job.remove a on there']);
  });

  it.each([
    ['ahead', 600_000],
    ['behind', -600_000],
  ])('shows the entries of nodes whose clocks differ: the other one is %s', async (_, aheadMs) => {
    const { here, there } = await twoNodes(aheadMs);
    const [watched, acting] = aheadMs > 0 ? [there, here] : [here, there];
    // More than are read at once.
    const many = Array.from({ length: 60 }, (__, index) => ({ id: `job-${index}`, task: 'work', ...NEVER }));
    await watched.addJobs(many);
    const changes = await watch(watched, acting);
    await acting.actAs({ actor: 'ann' }, () => acting.addJob({ id: 'late', task: 'work', ...NEVER }));
    await until(() => expect(changes).toContainEqual(expect.objectContaining({ actor: 'ann', jobId: 'late' })));
    const { entries } = await watched.getAudit({ limit: 1 });
    expect(entries).toMatchObject([{ actor: 'ann', jobId: 'late' }]);
  });
});
