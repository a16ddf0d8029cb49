import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../../support/browser.js';
import { hasBrowser, openDashboard, soon, startDashboard } from './dashboard-app.js';

const hourly = { type: 'interval', hours: 1 } as const;

/** The labels at the axis of the times, from left to right. */
const timeLabels = async (page: Page): Promise<string[]> => page.locator('.chart svg > text').allTextContents();

describe.runIf(hasBrowser)("The dashboard's charts", { timeout: 60_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it('label the only run of a job with its time', async () => {
    const app = await startDashboard({ dashboard: { timezone: 'UTC' } });
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: hourly });
    await app.scheduler.runJob('a');
    const [run] = (await app.scheduler.getRuns({ jobId: 'a' })).runs;
    const page = await openDashboard(browser, `${app.url}#/jobs/a`);
    const chart = page.getByRole('group', { name: /^Durations of the last 1 run, by outcome/ });
    await chart.waitFor();
    const started = new Date(run!.startedAt!).toISOString().slice(11, 19);
    await soon(async () => expect(await timeLabels(page)).toEqual([started]));
    const values = await chart.locator('svg g text').allTextContents();
    expect({ first: values[0], distinct: new Set(values).size }).toEqual({ first: '0', distinct: values.length });
  });

  it('tell a value under the pointer, and one that the keys choose', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: hourly });
    await app.scheduler.addJob({ id: 'b', task: 'broken', trigger: hourly });
    await app.scheduler.runJob('a');
    await app.scheduler.modifyJob('a', { task: 'broken' });
    await app.scheduler.runJob('a').catch(() => undefined);
    const page = await openDashboard(browser, `${app.url}#/jobs/a`);
    const chart = page.getByRole('group', { name: /^Durations of the last 2 runs/ });
    await chart.waitFor();
    const tip = chart.getByRole('status');
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + box.width - 20, box.y + 60);
    await tip.getByText(/^.*\d\d:\d\d:\d\d.*Failed in \d/s).waitFor();
    await page.mouse.move(0, 0);
    await soon(async () => expect(await tip.innerText()).toBe(''));
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await tip.getByText(/Failed in/).waitFor();
    await page.keyboard.press('ArrowLeft');
    await tip.getByText(/Succeeded in/).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Run / }).waitFor();
    await page.locator('.badge.is-succeeded').waitFor();
  });

  it('count runs by minutes and hours, and say in words what a bar is', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: hourly });
    for (let run = 0; run < 3; run++) await app.scheduler.runJob('a');
    const page = await openDashboard(browser, app.url);
    const chart = page.getByRole('group', { name: /^How many runs ended/ });
    const tip = chart.getByRole('status');
    for (const unit of ['Last week', 'Last hour']) {
      await page.getByRole('button', { name: unit }).click();
      await chart.focus();
      await page.keyboard.press('End');
      // They may have ended in the minute before.
      const told = tip.getByText(/Succeeded: [123]$/);
      await soon(async () => {
        if ((await told.count()) === 0) await page.keyboard.press('ArrowLeft');
        expect(await told.count()).toBe(1);
      });
      const labels = await timeLabels(page);
      expect(labels.length).toBeGreaterThan(2);
      expect(new Set(labels).size).toBe(labels.length);
      // Whole runs.
      expect(await chart.locator('svg g text').allTextContents()).toEqual(expect.arrayContaining(['0', '1']));
    }
  });

  it('take over another run where they stand: nothing is built anew', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: hourly });
    await app.scheduler.runJob('a');
    const page = await openDashboard(browser, `${app.url}#/jobs/a`);
    await page.getByRole('group', { name: /^Durations of the last 1 run/ }).waitFor();
    await page.evaluate("document.querySelectorAll('.chart svg, .heat').forEach((one) => (one.mark = 'same'))");
    await app.scheduler.runJob('a');
    await page.getByRole('group', { name: /^Durations of the last 2 runs/ }).waitFor();
    expect(await page.evaluate("[...document.querySelectorAll('.chart svg, .heat')].map((one) => one.mark)")).toEqual([
      'same',
      'same',
    ]);
  });

  it('have a calendar with months, days of the week and a legend', async () => {
    const app = await startDashboard({ dashboard: { timezone: 'UTC' } });
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: hourly });
    await app.scheduler.runJob('a');
    const page = await openDashboard(browser, `${app.url}#/jobs/a`);
    const calendar = page.getByRole('region', { name: 'Calendar' });
    const heat = calendar.getByRole('group', { name: /^1 run in the last 13 weeks, by day/ });
    await heat.waitFor();
    const today = new Date();
    const month = today.toLocaleDateString('en-GB', { month: 'short', timeZone: 'UTC' });
    const monthAgo = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 1, 15));
    const months = await heat.locator('.month').allInnerTexts();
    expect(months).toContain(monthAgo.toLocaleDateString('en-GB', { month: 'short', timeZone: 'UTC' }));
    expect(await heat.locator('span:not(.month)').allInnerTexts()).toEqual(['Mon', 'Wed', 'Fri', 'Sun']);
    await calendar.getByText('With failures').waitFor();
    const told = calendar.getByRole('status');
    expect(await told.innerText()).toBe('1 run in 13 weeks');
    await heat.focus();
    await page.keyboard.press('ArrowLeft');
    const day = (time: Date): RegExp =>
      new RegExp(`${time.getUTCDate()} ${time.toLocaleDateString('en-GB', { month: 'short', timeZone: 'UTC' })}`);
    expect(await told.innerText()).toMatch(new RegExp(`${today.getUTCDate()} ${month}.*: 1 run$`));
    await page.keyboard.press('ArrowLeft');
    expect(await told.innerText()).toMatch(day(new Date(today.getTime() - 7 * 86_400_000)));
    expect(await told.innerText()).toMatch(/: 0 runs$/);
    // Each day stands in the row of its day of the week.
    const rows = await page.evaluate<string[]>(
      "[...document.querySelectorAll('.heat i')].map(({ style }) => style.gridRowStart)",
    );
    expect(rows.at(-1)).toBe(String(((today.getUTCDay() + 6) % 7) + 2));
  });

  it('of the next hours can be gone through with the keys', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'often', task: 'quick', trigger: { type: 'interval', minutes: 10 } });
    await app.scheduler.addJob({ id: 'rarely', task: 'broken', trigger: { type: 'interval', minutes: 40 } });
    await app.scheduler.runJob('rarely').catch(() => undefined);
    const page = await openDashboard(browser, app.url);
    const timeline = page.locator('.timeline');
    const told = timeline.getByRole('status');
    await timeline.waitFor();
    await timeline.locator('canvas').focus();
    // The run that has just ended is nearest to now.
    await page.keyboard.press('ArrowDown');
    await told.getByText(/^rarely.*Failed · /s).waitFor();
    await page.keyboard.press('ArrowDown');
    await told.getByText(/^often.*Due · /s).waitFor();
    const first = await told.innerText();
    await page.keyboard.press('.');
    await soon(async () => expect(await told.innerText()).not.toBe(first));
    await page.keyboard.press(',');
    await soon(async () => expect(await told.innerText()).toBe(first));
    await page.keyboard.press('ArrowUp');
    await told.getByText(/^rarely/).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: 'Run' }).waitFor();
    await page.locator('.badge.is-failed').waitFor();
  });
});
