import { currentRun, Scheduler } from 'nestjs-apscheduler/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gate, memoryLogger } from '../../../support/engine.js';
import { sharedPlaces } from '../../../support/shared-stores.js';

const places = await sharedPlaces();

describe.each(places.filter(({ available }) => available))('A run under way on $title', ({ make: fresh }) => {
  it('shows its start, log and progress: on its node at once, and on the others soon after', async () => {
    const newStore = await fresh();
    const [here, there] = ['here', 'there'].map((node) => {
      const jobStores = { default: newStore() };
      const scheduler = new Scheduler({ node, timezone: 'UTC', logger: memoryLogger(), jobStores });
      onTestFinished(() => scheduler.shutdown({ wait: false }));
      return scheduler;
    }) as [Scheduler, Scheduler];
    const end = gate();
    for (const node of [here, there]) {
      node.registerTask('import', () => {
        currentRun()?.log('half');
        currentRun()?.progress(0.5);
        return end.promise;
      });
      await node.start();
    }
    await here.addJob({ id: 'a', task: 'import', trigger: 'date', runDate: '2090-01-01' });
    const { id } = await here.runJob('a', { wait: false });
    const known = { state: 'running', startedAt: expect.any(Number) as number, progress: 0.5 };
    const log = [expect.objectContaining({ message: 'half' })];
    expect(await here.getRun(id)).toMatchObject({ ...known, log });
    expect((await here.getRuns({ state: 'running' })).runs).toMatchObject([{ ...known, log }]);
    expect(await there.getRun(id)).toMatchObject({ state: 'running', startedAt: null, progress: null, log: [] });
    await expect.poll(() => there.getRun(id), { timeout: 15_000 }).toMatchObject({ ...known, log });
    end.open();
    await expect.poll(() => there.getRun(id), { timeout: 15_000 }).toMatchObject({ state: 'succeeded', log });
  });
});
