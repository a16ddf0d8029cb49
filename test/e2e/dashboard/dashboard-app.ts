import { onTestFinished, vi } from 'vitest';
import { SystemClock } from '../../../lib/engine/clock.js';
import type { SchedulerModuleOptions } from '../../../lib/module/scheduler-options.js';
import { chromiumPath, type OpenPage, type TestBrowser, type Viewer } from '../../support/browser.js';
import { startRestApp, type Platform, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

/** Where there is no browser the tests are skipped; in CI that is a failure. */
export const hasBrowser = chromiumPath() !== undefined || process.env['CI'] !== undefined;

/** Markup for each text that somebody can give: it must be shown as it is. */
export const MARKUP = `<img src=x onerror="document.title='broken in'">`;

/** An application with the dashboard, and with real time, as a browser has it. */
export interface DashboardApp extends RestApp {
  /** The dashboard's page; `#/jobs` and so on follow. */
  readonly url: string;
}

const TASKS = {
  quick: () => 'done',
  broken: () => {
    throw new Error(`It said ${MARKUP}`);
  },
} as const;

/** Starts an application; it is closed after the test. */
export async function startDashboard(
  options: SchedulerModuleOptions = {},
  setup: RestAppSetup & { readonly platform?: Platform; readonly path?: string } = {},
): Promise<DashboardApp> {
  const { platform = 'express', path = '/scheduler/ui', ...others } = setup;
  const rest = await startRestApp(platform, {
    ...others,
    options: { clock: new SystemClock(), dashboard: true, ...options },
    tasks: { ...TASKS, ...setup.tasks },
  });
  onTestFinished(() => rest.close());
  return { ...rest, url: `http://127.0.0.1:${rest.port}${path}` };
}

/** Waits until something holds: pages follow the server within some seconds, and the machine may be busy. */
export const soon = (check: () => unknown): Promise<unknown> => vi.waitFor(check, 15_000);

/** Opens a page of the dashboard; it must not have had a problem when the test is over. */
export async function openDashboard(browser: TestBrowser, url: string, viewer?: Viewer): Promise<OpenPage['page']> {
  const { page, problems } = await browser.open(url, viewer);
  onTestFinished(async () => {
    await page.context().close();
    if (problems.length > 0) throw new Error(`The page had problems:\n${problems.join('\n')}`);
  });
  return page;
}
