import { Scheduler, SystemClock } from 'nestjs-apscheduler/engine';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { memoryLogger } from '../../../support/engine.js';
import { openEvents } from '../../../support/event-client.js';
import { startRestApp } from '../../../support/rest-app.js';
import { sharedPlaces } from '../../../support/shared-stores.js';

const places = await sharedPlaces();
const NEVER = { trigger: 'date', runDate: '2090-01-01' } as const;

describe.each(places.filter(({ available }) => available))('The stream of events on $title', ({ make }) => {
  it('has the jobs and runs of another node', async () => {
    const newStore = await make();
    const options = { clock: new SystemClock(), jobStores: { default: newStore() }, node: 'here' };
    const rest = await startRestApp('express', { options });
    onTestFinished(() => rest.close());
    const there = new Scheduler({ node: 'there', logger: memoryLogger(), jobStores: { default: newStore() } });
    there.registerTask('app:work', () => 'done');
    await there.start();
    onTestFinished(() => there.shutdown());
    const client = await openEvents(rest.port);
    await there.addJob({ id: 'theirs', task: 'app:work', ...NEVER });
    // The first look shows nothing.
    await vi.waitFor(
      async () => {
        await there.runJob('theirs');
        await there.pauseJob('theirs', { note: `at ${performance.now()}` });
        expect(client.events.map(({ type }) => type)).toEqual(
          expect.arrayContaining(['job_submitted', 'job_executed', 'job_modified']),
        );
      },
      { timeout: 20_000, interval: 200 },
    );
    const [run] = client.events.filter(({ type }) => type === 'job_executed');
    const { runs } = await there.getRuns({ jobId: 'theirs' });
    expect(run).toMatchObject({ job_id: 'theirs', node: 'there', state: 'succeeded' });
    expect(runs.map(({ id }) => id)).toContain((run as { run_id?: string }).run_id);
  });
});
