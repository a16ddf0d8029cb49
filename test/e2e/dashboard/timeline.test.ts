import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../../support/browser.js';
import { hasBrowser, openDashboard, soon, startDashboard } from './dashboard-app.js';

/** Where things are on the canvas: beside the names, under the axis and the counts. */
const [LABELS, HEAD, ROW] = [150, 50, 24];
const MINUTE = 60_000;

/** Moves the pointer to a time of a lane. The ranges are those of the buttons. */
async function pointAt(page: Page, lane: number, time: number, range: 'hour' | 'day' = 'hour'): Promise<void> {
  const box = (await page.locator('.timeline canvas').boundingBox())!;
  const [before, all] = range === 'hour' ? [15 * MINUTE, 60 * MINUTE] : [360 * MINUTE, 1440 * MINUTE];
  const part = (time - Date.now() + before) / all;
  await page.mouse.move(box.x + LABELS + part * (box.width - LABELS), box.y + HEAD + (lane + 0.5) * ROW);
}

describe.runIf(hasBrowser)("The dashboard's timeline", { timeout: 60_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it.each(['hour', 'day'] as const)(
    'shows the whole %s of jobs that run each second and of rare ones',
    async (range) => {
      const app = await startDashboard();
      const job = (id: string, trigger: object) => ({
        id,
        task: 'quick',
        trigger: { type: 'interval', ...trigger } as const,
      });
      await app.scheduler.addJobs([
        job('a-second', { seconds: 1 }),
        job('b-minute', { minutes: 1 }),
        ...Array.from({ length: 50 }, (_, index) => job(`rare-${index}`, { minutes: 40 })),
      ]);
      const page = await openDashboard(browser, app.url);
      const card = page.getByRole('region', { name: 'Timeline' });
      await card.getByRole('button', { name: range === 'hour' ? 'Hour' : 'Day' }).click();
      await card.getByText('Due often').waitFor();
      await card.getByText('52 jobs: scroll to see all').waitFor();
      expect(await card.getByText('zoom in to see them').count()).toBe(0);
      const told = page.locator('.timeline').getByRole('status');
      // Near the end of the range, where only a job that fires often has something under each pixel.
      const late = range === 'hour' ? 40 * MINUTE : 1000 * MINUTE;
      await soon(async () => {
        await pointAt(page, 0, Date.now() + late, range);
        expect(await told.innerText()).toMatch(
          range === 'hour' ? /^a-second\s+Due about 24 times until/ : /^a-second\s+Due about 576 times until/,
        );
      });
    },
  );

  it('leaves the lanes where they are while somebody points at them', async () => {
    const app = await startDashboard();
    const added = Date.now();
    await app.scheduler.addJob({ id: 'watched', task: 'quick', trigger: { type: 'interval', minutes: 20 } });
    const page = await openDashboard(browser, app.url);
    const told = page.locator('.timeline').getByRole('status');
    const due = added + 20 * MINUTE;
    const lanes = (count: number): Promise<unknown> =>
      soon(async () =>
        expect(await page.locator('.timeline canvas').getAttribute('aria-label')).toContain(`: ${count} jobs`),
      );
    await lanes(1);
    await soon(async () => {
      await pointAt(page, 0, due);
      expect(await told.innerText()).toMatch(/^watched/);
    });
    // It has just run, and so belongs first.
    await app.scheduler.addJob({ id: 'newer', task: 'quick', trigger: { type: 'interval', hours: 1 } });
    await app.scheduler.runJob('newer');
    await lanes(2);
    await pointAt(page, 0, due);
    expect(await told.innerText()).toMatch(/^watched/);
    // Nobody reads on: at the next look at what has run it stands where it belongs.
    await page.mouse.move(0, 0);
    await soon(async () => {
      await pointAt(page, 1, due);
      const found = await told.innerText();
      await page.mouse.move(0, 0);
      expect(found).toMatch(/^watched/);
    });
  });
});
