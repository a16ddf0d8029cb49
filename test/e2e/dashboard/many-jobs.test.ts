import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryJobStore } from '../../../lib/engine/stores/memory/memory.job-store.js';
import { SqlJobStore } from '../../../lib/stores/sql/index.js';
import { TestBrowser } from '../../support/browser.js';
import { testDatabases } from '../../support/sql/test-databases.js';
import { hasBrowser, openDashboard, soon, startDashboard } from './dashboard-app.js';

const COUNT = 100_000;
const AT_ONCE = 5000;

const databases = (await testDatabases()).filter(({ name }) => name !== 'mariadb');
const stores = [
  { title: 'memory', available: true, open: async () => new MemoryJobStore() },
  ...databases.map(({ title, available, fresh }) => ({
    title,
    available,
    open: async () => new SqlJobStore({ url: await fresh() }),
  })),
];

/** The first of many has the latest time, and each tenth another trigger. */
const jobAt = (index: number) => ({
  id: `job-${String(index).padStart(5, '0')}`,
  name: index % 1000 === 7 ? `Lucky ${index}` : undefined,
  task: 'quick',
  trigger:
    index % 10 === 0
      ? ({ type: 'interval', hours: 24 + COUNT - index } as const)
      : ({ type: 'cron', crontab: '0 9 1 1 *', timezone: 'Europe/Berlin' } as const),
});

describe.runIf(hasBrowser).each(stores)('The dashboard with 100,000 jobs in $title', ({ available, open }) => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it.runIf(available)('finds, sorts and pages them', { timeout: 300_000 }, async () => {
    const app = await startDashboard({ jobStores: { default: await open() } });
    for (let from = 0; from < COUNT; from += AT_ONCE) {
      await app.scheduler.addJobs(
        Array.from({ length: AT_ONCE }, (_, n) => {
          const { name, ...job } = jobAt(from + n);
          return { ...job, ...(name !== undefined && { name }) };
        }),
      );
    }
    const page = await openDashboard(browser, `${app.url}#/jobs`);
    const ids = page.locator('tbody td.cell-name > a');
    /** Waits for a page of jobs, and says which it has. */
    const shows = (least: readonly string[]): Promise<unknown> =>
      soon(async () => expect((await ids.allInnerTexts()).slice(0, least.length)).toEqual(least));
    await shows(['job-00000', 'job-00001']);

    const pager = page.getByRole('navigation', { name: 'Pages of jobs' });
    await pager.getByRole('link', { name: 'Next', exact: true }).click();
    await shows(['job-00025', 'job-00026']);
    await pager.getByRole('link', { name: 'Previous' }).click();
    await shows(['job-00000']);

    await page.getByRole('button', { name: 'Job', exact: true }).click();
    await shows(['job-99999', 'job-99998']);
    await page.getByRole('button', { name: 'Next run' }).click();
    // The interval of the last tenth is the shortest.
    await shows(['job-99990', 'job-99980']);
    await pager.getByRole('link', { name: 'Next', exact: true }).click();
    await shows(['job-99740', 'job-99730']);

    // By id, and by name, whatever the order is.
    await page.getByRole('searchbox').fill('job-4711');
    await soon(async () => expect(await ids.count()).toBe(10));
    await page.getByRole('searchbox').fill('lucky 99');
    await soon(async () => expect(await ids.allInnerTexts()).toEqual(['job-99007']));

    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Any trigger').selectOption('interval');
    await shows(['job-99990', 'job-99980']);
    await page.getByRole('searchbox').fill('job-00');
    await shows(['job-00990', 'job-00980']);
    // What many jobs are changed by has to count them first.
    const bulk = page.getByRole('group', { name: 'Many jobs at once' });
    await bulk.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').waitFor({ timeout: 60_000 });
    await page.getByRole('dialog', { name: 'Pause 100 jobs?' }).getByRole('button', { name: 'Pause 100 jobs' }).click();
    await page.getByText('Pause: 100 jobs changed').waitFor({ timeout: 60_000 });
    await page.getByLabel('Any state').selectOption('paused');
    await page.getByRole('button', { name: 'Job', exact: true }).click();
    await shows(['job-00000', 'job-00010']);
  });
});
