import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../../lib/module/password-hash.js';
import { TestBrowser } from '../../support/browser.js';
import { PLATFORMS } from '../../support/rest-app.js';
import { hasBrowser, openDashboard, soon, startDashboard, type DashboardApp } from './dashboard-app.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds to be serious, or worse. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  // As an extension would: the page itself allows no script from elsewhere.
  const found = (await page.evaluate(`${AXE}; axe.run().then(({ violations }) => violations)`)) as Violation[];
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** Jobs of all kinds, and runs that went well and badly. */
async function populate({ scheduler }: DashboardApp): Promise<readonly string[]> {
  await scheduler.addJobs([
    { id: 'report', task: 'quick', trigger: { type: 'cron', hour: 9, timezone: 'Europe/Berlin' }, tags: ['billing'] },
    { id: 'ticks', task: 'quick', trigger: { type: 'interval', minutes: 1 }, args: [1], metadata: { a: 1 } },
    { id: 'broken', task: 'broken', trigger: { type: 'interval', minutes: 7 } },
  ]);
  await scheduler.pauseJob('report', { note: 'bank holiday', actor: 'ann' });
  await scheduler.runJob('ticks');
  await scheduler.runJob('broken').catch(() => undefined);
  const [run] = (await scheduler.getRuns({ jobId: 'broken' })).runs;
  return [
    '#/',
    '#/jobs',
    '#/jobs/report',
    '#/jobs/broken',
    '#/runs',
    `#/runs/${run!.id}`,
    '#/cluster',
    '#/audit',
    '#/new',
    '#/jobs/ticks/edit',
    '#/none',
  ];
}

/** A job whose id, name, trigger and history take room. */
async function addLong({ scheduler }: DashboardApp): Promise<void> {
  const id = `invoice-reminders-of-the-${'very-'.repeat(12)}last-quarter`;
  await scheduler.addJob({
    ...{ id, task: 'quick', name: 'A name '.repeat(12), tags: ['billing', 'reminders', 'customers'] },
    trigger: { type: 'cron', minute: '*/7,13,17,19', hour: '6-20', dayOfWeek: 'mon-fri', month: '1-6,9-12' },
  });
  for (let run = 0; run < 12; run++) await scheduler.runJob(id);
}

/** Parts that are wider than their place, and have to be scrolled. */
const SIDEWAYS = `[...document.querySelectorAll('.scroll, .card')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.ariaLabel ?? one.className)`;

/** Controls that are too small for a finger: of a box to be ticked, the space around it counts. */
const TOO_SMALL = `[...document.querySelectorAll('button, select, input, textarea, a.button, nav a')]
  .filter((one) => one.checkVisibility()).flatMap((one) => {
    const { marginTop, marginBottom } = getComputedStyle(one);
    const height = one.getBoundingClientRect().height + parseFloat(marginTop) + parseFloat(marginBottom);
    return height < 44 ? [one.outerHTML.slice(0, 80) + ' ' + height] : [];
  })`;

/** Until what the page shows has been loaded. */
async function settle(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await soon(async () => expect(await page.getByText('Loading …').count()).toBe(0));
}

describe.runIf(hasBrowser)('Every page of the dashboard', { timeout: 120_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it.each(['light', 'dark'] as const)('has no serious fault of accessibility in %s colours', async (colorScheme) => {
    const app = await startDashboard();
    const pages = await populate(app);
    const page = await openDashboard(browser, app.url, { colorScheme });
    for (const place of pages) {
      await page.goto(app.url + place);
      await settle(page);
      expect({ place, violations: await violationsOf(page) }).toEqual({ place, violations: [] });
    }
  });

  it('fits on a phone: nothing is cut off, and fingers find what they aim at', async () => {
    const app = await startDashboard();
    const pages = await populate(app);
    await addLong(app);
    const page = await openDashboard(browser, app.url, { viewport: { width: 390, height: 844 } });
    for (const place of pages) {
      await page.goto(app.url + place);
      await settle(page);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      const scrolled = await page.evaluate(SIDEWAYS);
      const small = await page.evaluate(TOO_SMALL);
      expect({ place, width, scrolled, small }).toEqual({ place, width: 390, scrolled: [], small: [] });
    }
    // What a column is called on a wide page stands in each card.
    await page.goto(`${app.url}#/cluster`);
    await page
      .locator('td', { hasText: '1 task' })
      .or(page.locator('td', { hasText: 'tasks' }))
      .first()
      .waitFor();
    const label = await page.evaluate("getComputedStyle(document.querySelector('td.number'), '::before').content");
    expect(label).toBe('"Active runs"');
    // Some jobs and runs are in view at once, and a touch beside the controls opens one.
    await page.goto(`${app.url}#/jobs`);
    const card = page.getByRole('row', { name: /ticks/ });
    const { height, width: across } = (await card.boundingBox())!;
    expect(height).toBeLessThan(125);
    await card.click({ position: { x: across / 2, y: height / 3 } });
    await page.getByRole('heading', { name: 'ticks' }).waitFor();
    await page.goto(`${app.url}#/runs`);
    const run = page.getByRole('row', { name: /ticks/ });
    const placed = (await run.boundingBox())!;
    expect(placed.height).toBeLessThan(110);
    await run.click({ position: { x: placed.width / 2, y: placed.height - 4 } });
    await page.getByRole('heading', { name: /^Run / }).waitFor();
  });

  it.each(PLATFORMS)('works on %s under a global prefix and a path of its own', async (platform) => {
    const app = await startDashboard(
      { dashboard: { path: '/admin/ui', title: 'Night shift' } },
      { platform, path: '/api/scheduler/admin/ui', configure: (nest) => nest.setGlobalPrefix('api') },
    );
    const page = await openDashboard(browser, app.url);
    for (const place of await populate(app)) {
      await page.goto(app.url + place);
      await settle(page);
      expect(await page.getByRole('alert').count()).toBe(0);
    }
    expect(await page.title()).toContain('Night shift');
  });

  it('cuts nothing off on a small laptop', async () => {
    const app = await startDashboard();
    const pages = await populate(app);
    await addLong(app);
    const page = await openDashboard(browser, app.url, { viewport: { width: 1280, height: 720 } });
    for (const place of pages) {
      await page.goto(app.url + place);
      await settle(page);
      if (place === '#/jobs')
        await soon(async () => expect(await page.locator('.strip a').count()).toBeGreaterThan(12));
      expect({ place, scrolled: await page.evaluate(SIDEWAYS) }).toEqual({ place, scrolled: [] });
    }
  });

  it('says what to do next where there is nothing', async () => {
    const app = await startDashboard();
    const page = await openDashboard(browser, app.url);
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await timeline.getByText('There are no jobs yet').waitFor();
    await timeline.getByRole('link', { name: 'New job' }).click();
    await page.getByRole('heading', { name: 'New job' }).waitFor();
    await page.goto(`${app.url}#/runs`);
    await page.getByText('Runs appear here as soon as a job is due or run by hand.').waitFor();
    await page.goto(`${app.url}#/audit`);
    await page.getByText('Nothing has been done yet').waitFor();
    await page.goto(`${app.url}#/jobs?text=x`);
    await page.getByText('No job matches these filters').waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Clear filters' }).first().click();
    await page.getByText('There are no jobs yet').waitFor();
    expect(page.url()).toBe(`${app.url}#/jobs`);
  });

  it('shows times in the zone that the viewer chooses, and remembers it', async () => {
    const app = await startDashboard({ dashboard: { timezone: 'UTC' } });
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'date', runDate: '2040-07-01T12:00:00Z' } });
    const page = await openDashboard(browser, `${app.url}#/jobs`);
    const title = () => page.locator('tbody time').first().getAttribute('title');
    await soon(async () => expect(await title()).toContain('12:00:00 UTC'));
    await page.getByLabel('Times in').fill('Asia/Tokyo');
    await page.keyboard.press('Enter');
    await soon(async () => expect(await title()).toContain('21:00:00'));
    await page.reload();
    await soon(async () => expect(await title()).toContain('21:00:00'));
    const kept = await page.evaluate<string>('JSON.stringify(localStorage) + document.cookie');
    expect(kept).toContain('Asia/Tokyo');
  });

  it('shows the switch of colours that was chosen', async () => {
    const app = await startDashboard();
    const page = await openDashboard(browser, app.url, { colorScheme: 'light' });
    const background = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const light = await background();
    await page.getByLabel('Colours').selectOption('dark');
    expect(await background()).not.toBe(light);
    await page.reload();
    await page.locator('h1').waitFor();
    expect(await background()).not.toBe(light);
  });

  it('keeps no credentials, and offers a reader nothing that would be refused', async () => {
    const users = await Promise.all(
      (['all', 'read'] as const).map(async (can) => ({ username: can, passwordHash: await hashPassword('pw'), can })),
    );
    const app = await startDashboard({ auth: { users } });
    const pages = await populate(app);
    const page = await openDashboard(browser, app.url, { httpCredentials: { username: 'read', password: 'pw' } });
    for (const place of pages) {
      await page.goto(app.url + place);
      await settle(page);
      const offers = await page.locator('main').getByRole('button').allInnerTexts();
      const harmless = /^(Hour|Day|Week|\+|−|Now|Last hour|Last week|Job|Next run|Last run)\s*$/;
      expect({ place, offers: offers.filter((offer) => !harmless.test(offer)) }).toEqual({ place, offers: [] });
      expect(await page.getByRole('link', { name: /^(New job|Edit|Copy|Run with)/ }).count()).toBe(0);
    }
    expect(
      await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'),
    ).not.toContain('pw');
  });

  it('can be used with the keyboard alone', async () => {
    const app = await startDashboard();
    await app.scheduler.addJobs(
      ['a', 'b'].map((id) => ({ id, task: 'quick', trigger: { type: 'interval', hours: 1 } as const })),
    );
    const page = await openDashboard(browser, app.url);
    await settle(page);
    const { keyboard } = page;
    await keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await keyboard.press('Escape');
    await keyboard.press('/');
    await page.getByRole('searchbox').waitFor();
    await soon(async () => expect(await page.evaluate('document.activeElement?.tagName')).toBe('INPUT'));
    await keyboard.type('b');
    await soon(async () => expect(await page.locator('tbody tr').count()).toBe(1));
    await keyboard.press('Escape');
    await keyboard.press('j');
    await keyboard.press('r');
    await soon(async () => expect((await app.scheduler.getRuns({ jobId: 'b' })).runs).toHaveLength(1));
    await keyboard.press('p');
    await page.getByRole('dialog').waitFor();
    await page.getByLabel('Note for others').focus();
    await keyboard.type('by keys');
    await keyboard.press('Enter');
    await soon(async () => expect((await app.scheduler.getJob('b'))?.pause?.note).toBe('by keys'));
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'b', exact: true }).waitFor();
  });

  it('follows what happens, and says when the server is gone and back', async () => {
    const first = await startDashboard();
    await first.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'interval', hours: 1 } });
    const page = await openDashboard(browser, `${first.url}#/jobs`, { expected: /Failed to load resource/ });
    await page.getByRole('link', { name: 'a', exact: true }).waitFor();
    await first.scheduler.addJob({ id: 'later', task: 'quick', trigger: { type: 'interval', hours: 1 } });
    await page.getByRole('link', { name: 'later' }).waitFor();
    const closing = first.app.close();
    (first.app.getHttpServer() as Server).closeAllConnections();
    await closing;
    await page.getByRole('alert').first().waitFor();
    // What was known stays on the page.
    await page.getByRole('link', { name: 'later' }).waitFor();
    const second = await startDashboard({}, { port: first.port });
    await second.scheduler.addJob({ id: 'again', task: 'quick', trigger: { type: 'interval', hours: 1 } });
    await page.getByRole('link', { name: 'again' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('says what a change of the clocks does to the next times', async () => {
    const app = await startDashboard();
    const trigger = {
      type: 'cron',
      crontab: '30 2 * * *',
      timezone: 'Europe/Berlin',
      startDate: '2040-03-24',
    } as const;
    await app.scheduler.addJob({ id: 'early', task: 'quick', trigger });
    const page = await openDashboard(browser, `${app.url}#/jobs/early`, { timezoneId: 'Asia/Kathmandu' });
    // On 25 March 2040 there is no 02:30 in Berlin.
    const row = page.getByRole('row', { name: /25 Mar.*03:00/ });
    await row.getByText('a time of day that does not exist is moved').waitFor();
    expect(await row.innerText()).toContain('06:45');
  });

  it('says of a job that is gone where its runs are', async () => {
    const app = await startDashboard();
    const page = await openDashboard(browser, `${app.url}#/jobs/gone`, { expected: /status of 404/ });
    await page.getByText('There is no such job, or no longer').waitFor();
    expect(await page.getByRole('link', { name: 'Its runs' }).getAttribute('href')).toBe('#/runs?job_id=gone');
    await page.goto(`${app.url}#/jobs/..`);
    await page.getByText('There is no such page').waitFor();
  });

  it('stops and starts nodes, and says before what that does', async () => {
    const app = await startDashboard();
    const page = await openDashboard(browser, `${app.url}#/cluster`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByText('takes no more work').waitFor();
    expect(app.scheduler.health().state).toBe('running');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(app.scheduler.health().state).toBe('paused');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('The scheduler is paused').waitFor();
    await page.goto(`${app.url}#/cluster`);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await soon(() => expect(app.scheduler.health().state).toBe('running'));
  });

  it('shows who did what, and why', async () => {
    const app = await startDashboard();
    await populate(app);
    await app.scheduler.actAs({ actor: 'ben', note: 'too slow' }, () =>
      app.scheduler.modifyJob('ticks', { maxInstances: 3 }),
    );
    const page = await openDashboard(browser, `${app.url}#/jobs/ticks`);
    const entry = page.getByRole('row', { name: /ben/ });
    await entry.waitFor();
    expect(await entry.innerText()).toMatch(/Job changed\s+too slow\s+At once: at most 1 run → at most 3 runs/);
    await page.getByRole('link', { name: 'Audit trail' }).click();
    await page.getByRole('row', { name: /bank holiday/ }).waitFor();
    await page.getByLabel('What', { exact: true }).selectOption('Job added');
    await soon(async () => expect(await page.locator('tbody tr').count()).toBe(3));
    expect(page.url()).toContain('action=job.add');
    // What it was added with, in the words of its page.
    const told = await page.getByRole('row', { name: /ticks/ }).innerText();
    expect(told).toMatch(/Job added.*Task: quick.*Arguments: \[1\].*Trigger: every 1 min/s);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('searchbox', { name: 'Who' }).fill('ben');
    await page.keyboard.press('Enter');
    await soon(async () => expect(await page.locator('tbody tr').count()).toBe(1));
    expect(page.url()).toContain('actor=ben');
  });

  it('shows the end of the log of a run that is under way, unless somebody has scrolled back', async () => {
    let context: { log(text: string): void } | undefined;
    const app = await startDashboard(
      {},
      {
        tasks: {
          chatty: async (run: unknown) => {
            context = run as { log(text: string): void };
            for (let line = 1; line <= 60; line++) context.log(`line ${line}`);
            await new Promise((_, reject) =>
              (run as { signal: AbortSignal }).signal.addEventListener('abort', () => reject(new Error('aborted'))),
            );
          },
        },
      },
    );
    await app.scheduler.addJob({ id: 'chatty', task: 'chatty', trigger: { type: 'interval', hours: 1 } });
    const run = await app.scheduler.runJob('chatty', { wait: false });
    const page = await openDashboard(browser, `${app.url}#/runs/${run.id}`);
    const isInView = (line: string): Promise<boolean> =>
      page.evaluate<boolean>(`(() => {
        const box = document.querySelector('.log').getBoundingClientRect();
        const line = [...document.querySelectorAll('.log p')].find((one) => one.textContent.endsWith('${line}'));
        return line?.getBoundingClientRect().bottom <= box.bottom;
      })()`);
    await page.getByText('line 60').waitFor();
    expect(await isInView('line 60')).toBe(true);
    context!.log('line 61');
    await page.getByText('line 61').waitFor();
    await soon(async () => expect(await isInView('line 61')).toBe(true));
    await page.evaluate("document.querySelector('.log').scrollTo({ top: 0 })");
    context!.log('line 62');
    await page.getByText('line 62').waitFor();
    expect(await isInView('line 62')).toBe(false);
    await app.scheduler.cancelRun(run.id);
  });

  it('cancels a run that is under way, and runs it again', async () => {
    const app = await startDashboard(
      {},
      {
        tasks: {
          slow: (run: unknown) =>
            new Promise((_, reject) => (run as { signal: AbortSignal }).signal.addEventListener('abort', reject)),
        },
      },
    );
    await app.scheduler.addJob({ id: 'slow', task: 'slow', trigger: { type: 'interval', hours: 1 } });
    await app.scheduler.runJob('slow', { wait: false });
    const page = await openDashboard(browser, app.url);
    await page.getByRole('region', { name: 'Running now' }).getByRole('link').nth(1).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
    await page.locator('.badge.is-cancelled').waitFor();
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.locator('.badge.is-running').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
    await page.locator('.badge.is-cancelled').waitFor();
    expect((await app.scheduler.getRuns({ jobId: 'slow' })).runs).toHaveLength(2);
  });
});
