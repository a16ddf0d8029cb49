import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../../support/browser.js';
import { hasBrowser, openDashboard, soon, startDashboard } from './dashboard-app.js';

/** How often a job has run, as the overview has it. */
const SUCCEEDED = /^([\d,]+)\s+Succeeded in 24 hours$/;

describe.runIf(hasBrowser)('While a scheduler is under load, its dashboard', { timeout: 90_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it('leaves the stream of events, of which there are too many, and asks instead', async () => {
    const app = await startDashboard();
    await app.scheduler.addJobs(
      Array.from({ length: 150 }, (_, index) => ({
        ...{ id: `job-${index}`, task: 'quick' },
        trigger: { type: 'interval', seconds: 0.5 } as const,
      })),
    );
    const page = await openDashboard(browser, app.url);
    await page.getByRole('button', { name: 'Live' }).waitFor();
    await page.getByRole('button', { name: 'Every 2 s' }).waitFor({ timeout: 30_000 });
    const succeeded = async (): Promise<number> => {
      const text = await page.locator('.figure', { hasText: 'Succeeded' }).innerText();
      return Number(SUCCEEDED.exec(text)?.[1]?.replaceAll(',', ''));
    };
    const before = await succeeded();
    await soon(async () => expect(await succeeded()).toBeGreaterThan(before + 300));
  });
});
