import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../../support/browser.js';
import { RemoteExecutor } from '../../support/remote-executor.js';
import { hasBrowser, openDashboard, soon, startDashboard } from './dashboard-app.js';

describe.runIf(hasBrowser)('On the dashboard, a run that was handed over', { timeout: 60_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it('is active, says where it is, and can be cancelled', async () => {
    const queue = new RemoteExecutor();
    const app = await startDashboard({ executors: { queue } });
    const trigger = { type: 'interval', hours: 1 } as const;
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger, executor: 'queue' });
    await app.scheduler.runJob('a', { wait: false });
    await soon(() => expect(queue.place.runIds).toHaveLength(1));
    const page = await openDashboard(browser, app.url);
    // It counts as running, and has a colour of its own.
    const active = page.getByRole('region', { name: 'Running now' });
    await active.locator('.badge', { hasText: 'Handed over' }).waitFor();
    await page.getByRole('link', { name: '1 Running' }).waitFor();
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await timeline.locator('.legend').getByText('Handed over').waitFor();
    await active.getByRole('link').nth(1).click();
    await page.getByText('No worker has begun it yet').waitFor();
    queue.execution().started(Date.now(), 'worker-7');
    await page.getByText('It runs on worker-7.').waitFor();
    const outcome = page.getByRole('region', { name: 'Outcome' });
    expect(await outcome.innerText()).toMatch(/Executor\s+queue\s+Worker\s+worker-7/);
    await page.goto(`${app.url}#/runs`);
    await page.getByLabel('Outcome', { exact: true }).selectOption('Handed over');
    await soon(async () => expect(await page.locator('tbody tr').count()).toBe(1));
    await page.goto(`${app.url}#/jobs`);
    await page.getByRole('row', { name: /^.*a.*Running/ }).waitFor();
    await page.goto(`${app.url}#/runs/${queue.place.runIds[0]}`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
    await soon(() => expect(queue.aborted).toHaveLength(1));
  });

  it('is not among the colours where nothing is handed over', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'interval', hours: 1 } });
    await app.scheduler.runJob('a');
    const page = await openDashboard(browser, app.url);
    const legend = page.getByRole('region', { name: 'Timeline' }).locator('.legend');
    await legend.getByText('Succeeded').waitFor();
    expect(await legend.getByText('Handed over').count()).toBe(0);
  });
});
