import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqlJobStore } from '../../../lib/stores/sql/index.js';
import { TestBrowser } from '../../support/browser.js';
import { gate } from '../../support/engine.js';
import { testDatabases } from '../../support/sql/test-databases.js';
import { hasBrowser, openDashboard, soon, startDashboard, type DashboardApp } from './dashboard-app.js';

const [sqlite] = await testDatabases();

describe.runIf(hasBrowser)('On the dashboard, nodes', { timeout: 90_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  /** Two nodes on one store; only the second one has the task `reports`. */
  async function startTwo(): Promise<readonly [web: DashboardApp, worker: DashboardApp, end: () => void]> {
    const url = await sqlite!.fresh();
    const end = gate();
    const start = (node: string, tasks = {}): Promise<DashboardApp> =>
      startDashboard({ node, jobStores: { default: new SqlJobStore({ url, pollInterval: 0.1 }) } }, { tasks });
    return [await start('web-1'), await start('worker-1', { reports: () => end.promise }), () => end.open()];
  }

  it('are listed with their leases, runs and tasks, and all of them are paused at once', async () => {
    const [web, worker, end] = await startTwo();
    await worker.scheduler.addJob({ id: 'a', task: 'reports', trigger: { type: 'interval', hours: 1 } });
    await worker.scheduler.runJob('a', { wait: false });
    const page = await openDashboard(browser, `${web.url}#/cluster`);
    const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name });
    const cellsOf = (name: string): Promise<string[]> => rowOf(name).getByRole('cell').allInnerTexts();
    const known = { lease: /^ends in \d+ sec$/, seen: /^(now|\d+ sec ago)$/, skew: /^\d+(\.\d+)? ms$/ };
    const cells = (name: RegExp, state: string, active: string, tasks: string): unknown[] =>
      [name, state, active, known.lease, known.seen, known.skew, 'default', tasks].map((one) =>
        typeof one === 'string' ? one : expect.stringMatching(one),
      );
    await soon(async () => {
      expect(await cellsOf('worker-1')).toEqual(cells(/^worker-1\s+[\da-f]{8}$/, 'Running', '1', '4 tasks'));
      expect(await cellsOf('web-1')).toEqual(cells(/^web-1\s.* · this page comes from it$/, 'Running', '0', '3 tasks'));
    });
    await rowOf('worker-1').getByText('4 tasks').click();
    await rowOf('worker-1').getByText('reports', { exact: true }).waitFor();

    const all = page.getByRole('region', { name: 'All nodes' });
    await all.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause all 2 nodes?' });
    await dialog.getByText('Every node takes no more work. 1 run under way continues to the end.').waitFor();
    expect(worker.scheduler.health().state).toBe('running');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await soon(() =>
      expect([web, worker].map(({ scheduler }) => scheduler.health().state)).toEqual(['paused', 'paused']),
    );
    for (const name of ['web-1', 'worker-1']) await rowOf(name).getByText('paused').waitFor();
    expect(worker.scheduler.health().activeRuns).toBe(1);
    end();
    await all.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await soon(() => expect(worker.scheduler.health().state).toBe('running'));
    await rowOf('worker-1').getByText('running').waitFor();
    await soon(async () => expect((await cellsOf('worker-1'))[2]).toBe('0'));
  });

  it('get orders one by one: the others go on', async () => {
    const [web, worker] = await startTwo();
    const page = await openDashboard(browser, `${web.url}#/cluster`);
    const own = page.getByRole('region', { name: 'This node: web-1' });
    await own.getByRole('button', { name: 'Stop' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop this node?' });
    await dialog.getByText('This node takes no more work, and stops. No run is under way.').waitFor();
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await own.getByRole('button', { name: 'Start' }).waitFor();
    expect([web, worker].map(({ scheduler }) => scheduler.health().state)).toEqual(['stopped', 'running']);
    await own.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
    await soon(() => expect(web.scheduler.health().state).toBe('running'));
  });

  it('are not known where their store fails, and why', async () => {
    const store = new SqlJobStore({ url: await sqlite!.fresh() });
    const app = await startDashboard({ node: 'web-1', jobStores: { default: store } });
    store.getNodes = () => Promise.reject(new Error('the disk is full'));
    const page = await openDashboard(browser, `${app.url}#/cluster`);
    await page.getByText('The job store “default” does not say which nodes it has: the disk is full').waitFor();
    expect(await page.getByRole('row').filter({ hasText: 'web-1' }).count()).toBe(1);
  });

  it('offer in a form only the tasks that a job may name there', async () => {
    const [web, worker] = await startTwo();
    await soon(async () => expect((await web.scheduler.getTasks()).some(({ name }) => name === 'reports')).toBe(true));
    const offered = async ({ url }: DashboardApp): Promise<(string | null)[]> => {
      const page = await openDashboard(browser, `${url}#/new`);
      const options = page.locator('#tasks option');
      await soon(async () => expect(await options.count()).toBeGreaterThan(0));
      return Promise.all((await options.all()).map((option) => option.getAttribute('value')));
    };
    expect(await offered(web)).not.toContain('reports');
    expect(await offered(worker)).toContain('reports');
  });
});
