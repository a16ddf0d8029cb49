import { IsInt, IsString, Min } from 'class-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../lib/arguments/secret.decorator.js';
import { Task } from '../../../lib/module/decorators/task.decorator.js';
import { TestBrowser } from '../../support/browser.js';
import { MARKUP, hasBrowser, openDashboard, soon, startDashboard, type DashboardApp } from './dashboard-app.js';

class LetterArgs {
  @IsInt() @Min(1) pages!: number;
  @Secret() @IsString() key!: string;
}

class Letters {
  static readonly sent: LetterArgs[] = [];

  @Task('send-letter', { args: LetterArgs })
  send({ key, pages }: LetterArgs): void {
    Letters.sent.push({ pages, key });
  }
}

const daily = (id: string, more: object = {}) => ({
  id,
  task: 'quick',
  trigger: { type: 'cron', crontab: '0 9 * * *', timezone: 'Europe/Berlin' } as const,
  ...more,
});

const idsOf = async ({ scheduler }: DashboardApp): Promise<string[]> => (await scheduler.getJobs()).map(({ id }) => id);

describe.runIf(hasBrowser)('On the dashboard, jobs', { timeout: 60_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it('are found by filters that stand in the address', async () => {
    const app = await startDashboard();
    await app.scheduler.addJobs([daily('report', { tags: ['billing'] }), daily('cleanup'), daily('digest')]);
    await app.scheduler.pauseJob('cleanup', { note: 'bank holiday', actor: 'ann' });
    const page = await openDashboard(browser, `${app.url}#/jobs`);
    const rows = page.locator('tbody tr');
    await soon(async () => expect(await rows.count()).toBe(3));
    await page.getByRole('searchbox').fill('REP');
    await soon(async () => expect(await rows.count()).toBe(1));
    expect(page.url()).toContain('text=REP');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Any state').selectOption('paused');
    await soon(async () => expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('cleanup')]));
    await page.reload();
    await soon(async () => expect(await rows.count()).toBe(1));
    await page.getByLabel('Any state').selectOption('');
    await page.getByRole('link', { name: 'billing' }).click();
    await soon(async () => expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('report')]));
    await page.getByLabel('Any trigger').selectOption('date');
    await page.getByText('No job matches these filters').waitFor();
  });

  it('keep the filter that somebody types while they are drawn again and again', async () => {
    const app = await startDashboard();
    await app.scheduler.addJobs([daily('report'), { ...daily('busy'), trigger: { type: 'interval', seconds: 0.2 } }]);
    const page = await openDashboard(browser, `${app.url}#/jobs`);
    await page.getByRole('link', { name: 'report' }).waitFor();
    await page.getByRole('searchbox').pressSequentially('report', { delay: 180 });
    await soon(async () => expect(page.url()).toContain('text=report'));
    expect(await page.getByRole('searchbox').inputValue()).toBe('report');
  });

  it('come a page at a time, in the order that is asked for', async () => {
    const app = await startDashboard();
    await app.scheduler.addJobs(Array.from({ length: 60 }, (_, n) => daily(`job-${String(n).padStart(2, '0')}`)));
    const page = await openDashboard(browser, `${app.url}#/jobs`);
    const first = page.locator('tbody tr td.cell-name a').first();
    await page.getByRole('link', { name: 'job-00' }).waitFor();
    const pager = page.getByRole('navigation', { name: 'Pages of jobs' });
    const go = async (link: string, to: string): Promise<void> => {
      await pager.getByRole('link', { name: link, exact: true }).click();
      await page.getByRole('link', { name: to }).waitFor();
      expect(await first.innerText()).toBe(to);
    };
    await go('Next', 'job-25');
    await go('Next', 'job-50');
    expect(await pager.innerText()).toMatch(/First page\s+Previous\s+Page 3$/);
    await go('Previous', 'job-25');
    await page.goBack();
    await page.getByRole('link', { name: 'job-50' }).waitFor();
    // Somebody looks at a job, comes back, and even loads the page anew: it knows still where it was.
    await page.getByRole('link', { name: 'job-50' }).click();
    await page.getByRole('heading', { name: 'job-50' }).waitFor();
    await page.goBack();
    await page.reload();
    await page.getByRole('link', { name: 'job-50' }).waitFor();
    await go('Previous', 'job-25');
    await go('Previous', 'job-00');
    expect(await pager.innerText()).toMatch(/^Page 1\s+Next$/);
    await go('Next', 'job-25');
    await go('First page', 'job-00');
    await go('Next', 'job-25');
    // Another order begins with its first page.
    await page.getByRole('button', { name: 'Job', exact: true }).click();
    await page.getByRole('link', { name: 'job-59' }).waitFor();
    expect(await first.innerText()).toBe('job-59');
    expect(await pager.innerText()).toMatch(/^Page 1\s+Next$/);
  });

  it('can be run, paused with a note, and resumed', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob(daily('report'));
    const page = await openDashboard(browser, `${app.url}#/jobs/report`);
    await page.getByText('at 09:00').first().waitFor();
    // A double click means it once.
    await page.getByRole('button', { name: 'Run now' }).dblclick();
    await page.locator('td .badge', { hasText: 'succeeded' }).waitFor();
    expect((await app.scheduler.getRuns({ jobId: 'report' })).runs).toHaveLength(1);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByLabel('Note for others').fill('bank holiday');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page
      .getByText('Paused now: bank holiday')
      .or(page.getByText(/^Paused .*: bank holiday/))
      .first()
      .waitFor();
    expect((await app.scheduler.getJob('report'))?.pause).toMatchObject({ note: 'bank holiday' });
    await page.getByRole('button', { name: 'Resume' }).click();
    await soon(async () => expect((await app.scheduler.getJob('report'))?.pause ?? null).toBeNull());
  });

  it('can be run once with other arguments', async () => {
    const given: unknown[] = [];
    const app = await startDashboard({}, { tasks: { note: (...args: unknown[]) => void given.push(args[0]) } });
    await app.scheduler.addJob({ ...daily('note'), task: 'note', args: ['usual'] });
    const page = await openDashboard(browser, `${app.url}#/jobs/note`);
    await page.getByRole('link', { name: 'Run with' }).click();
    const args = page.getByLabel('Arguments', { exact: true });
    await args.fill('["other"');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('args is no JSON array').first().waitFor();
    await args.fill('["other"]');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('heading', { name: /^Run / }).waitFor();
    await page.getByText('given for this run').waitFor();
    expect(given).toEqual(['other']);
    expect((await app.scheduler.getJob('note'))?.args).toEqual(['usual']);
  });

  it('can be run once with other arguments in the fields that the schema of their task names', async () => {
    const app = await startDashboard({}, { providers: [Letters] });
    await app.scheduler.addJob({ ...daily('letter'), task: 'send-letter', kwargs: { pages: 1, key: 'open sesame' } });
    const page = await openDashboard(browser, `${app.url}#/jobs/letter?run=1`, { expected: /status of 400/ });
    const dialog = page.getByRole('dialog', { name: 'Run letter' });
    const key = dialog.getByLabel('key');
    await key.waitFor();
    // Who reads over somebody's shoulder sees no secret.
    expect(await key.getAttribute('type')).toBe('password');
    expect(await dialog.innerText()).not.toContain('sesame');
    await dialog.getByLabel('pages').and(page.locator(':focus')).waitFor();
    await dialog.getByLabel('pages').fill('0');
    await key.fill('abracadabra');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await dialog.locator('.has-fault', { hasText: 'pages' }).waitFor();
    expect(Letters.sent).toEqual([]);
    await dialog.getByLabel('pages').fill('3');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('given for this run').waitFor();
    await soon(() => expect(Letters.sent).toEqual([{ pages: 3, key: 'abracadabra' }]));
    expect((await app.scheduler.getJob('letter'))?.kwargs).toEqual({ pages: 1, key: 'open sesame' });
  });

  it('are removed when that is confirmed, and not otherwise', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob(daily('report'));
    const page = await openDashboard(browser, `${app.url}#/jobs/report`);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await idsOf(app)).toEqual(['report']);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('There are no jobs yet').waitFor();
    expect(await idsOf(app)).toEqual([]);
  });

  it('are changed many at once: those selected, or all that the filters find', async () => {
    const app = await startDashboard();
    await app.scheduler.addJobs(['a', 'b', 'c'].map((id) => daily(id, { tags: id === 'c' ? [] : ['x'] })));
    const page = await openDashboard(browser, `${app.url}#/jobs`);
    await page.getByLabel('Select a', { exact: true }).check();
    const bulk = page.getByRole('group', { name: 'Many jobs at once' });
    await bulk.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog', { name: 'Pause 1 job?' }).getByRole('button', { name: 'Pause 1 job' }).click();
    await page.getByText('Pause: 1 job changed').waitFor();
    expect((await app.scheduler.getJobs({ state: 'paused' })).jobs.map(({ id }) => id)).toEqual(['a']);
    await page.goto(`${app.url}#/jobs?tag=x`);
    await bulk.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog', { name: 'Remove 2 jobs?' }).getByRole('button', { name: 'Remove 2 jobs' }).click();
    await page.getByText('No job matches these filters').waitFor();
    expect(await idsOf(app)).toEqual(['c']);
  });

  it('and their runs are shown as text, whatever markup is in them', async () => {
    const app = await startDashboard();
    const id = MARKUP.slice(0, 60);
    await app.scheduler.addJob({
      ...daily(id),
      ...{ task: 'broken', name: MARKUP, description: MARKUP, args: [MARKUP], tags: ['<b>tag</b>'] },
      metadata: { [MARKUP]: MARKUP },
    });
    const run = await app.scheduler.runJob(id, { wait: false });
    const page = await openDashboard(browser, app.url);
    for (const place of ['#/', '#/jobs', `#/jobs/${encodeURIComponent(id)}`, '#/runs', `#/runs/${run.id}`]) {
      await page.goto(app.url + place);
      // The overview has ids in pictures only.
      await (place === '#/' ? page.locator('canvas').first() : page.getByText('<img').first()).waitFor();
      expect(await page.locator('main img').count()).toBe(0);
      expect(await page.title()).not.toBe('broken in');
    }
  });
});
