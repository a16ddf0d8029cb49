import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBrowser } from '../../support/browser.js';
import { hasBrowser, openDashboard, soon, startDashboard, type DashboardApp } from './dashboard-app.js';

const JOBS = Array.from({ length: 30 }, (_, index) => `job-${String(index).padStart(2, '0')}`);
/** Of the page's clock, in which it also asks for what has no event. */
const TURN_MS = 24_000;
const TURNS = 150;
/** Until there is as much to show as there ever will be. */
const WARM_UP = 50;
const RUNS_PER_TURN = 10;

interface Measured {
  readonly nodes: number;
  readonly listeners: number;
  readonly heap: number;
}

/** What a page holds when all that nobody needs is gone. */
async function measure(session: CDPSession): Promise<Measured> {
  for (let time = 0; time < 3; time++) await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const read = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
  return { nodes: read('Nodes'), listeners: read('JSEventListeners'), heap: read('JSHeapUsedSize') };
}

async function profile(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return session;
}

async function start(): Promise<DashboardApp> {
  const app = await startDashboard({ history: { perJob: 15 } }, { tasks: { quick: () => 'done' } });
  await app.scheduler.addJobs(JOBS.map((id) => ({ id, task: 'quick', trigger: { type: 'interval', hours: 1 } })));
  return app;
}

function expectNoGrowth(before: Measured, after: Measured): void {
  expect(after.nodes).toBeLessThan(before.nodes * 1.1 + 100);
  expect(after.listeners).toBeLessThan(before.listeners * 1.1 + 20);
  expect(after.heap).toBeLessThan(before.heap * 1.1 + 500_000);
}

describe.runIf(hasBrowser)("The dashboard's memory", { timeout: 300_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it.each(['#/', '#/jobs', '#/jobs/job-03'])('does not grow in an hour of updates of %s', async (place) => {
    const app = await start();
    const page = await openDashboard(browser, 'about:blank');
    let answers = 0;
    page.on('requestfinished', () => answers++);
    await page.clock.install();
    await page.goto(app.url + place);
    await page.locator('h1').waitFor();
    const session = await profile(page);
    const turn = async (): Promise<void> => {
      const before = answers;
      for (let run = 0; run < RUNS_PER_TURN; run++) await app.scheduler.runJob(JOBS[Math.floor(Math.random() * 30)]!);
      await app.scheduler.runJob('job-03');
      await page.clock.runFor(TURN_MS);
      await soon(() => expect(answers).toBeGreaterThan(before));
    };
    for (let index = 0; index < WARM_UP; index++) await turn();
    const before = await measure(session);
    for (let index = WARM_UP; index < TURNS; index++) await turn();
    expectNoGrowth(before, await measure(session));
  });

  it('does not grow while somebody goes from page to page', async () => {
    const app = await start();
    await app.scheduler.runJob('job-03');
    const [run] = (await app.scheduler.getRuns()).runs;
    const page = await openDashboard(browser, app.url);
    const session = await profile(page);
    const places = [
      '#/',
      '#/jobs',
      '#/jobs/job-03',
      '#/jobs/job-03/edit',
      `#/runs/${run!.id}`,
      '#/runs',
      '#/cluster',
      '#/audit',
    ];
    const round = async (): Promise<void> => {
      for (const place of places) {
        await page.evaluate(`location.hash = '${place}'`);
        await page.locator('h1').waitFor();
        await soon(async () => expect(await page.getByText('Loading …').count()).toBe(0));
      }
    };
    for (let index = 0; index < 5; index++) await round();
    const before = await measure(session);
    for (let index = 0; index < 25; index++) await round();
    expectNoGrowth(before, await measure(session));
  });
});
