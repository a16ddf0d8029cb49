import { IsInt, IsString, Min } from 'class-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobOptions } from '../../../lib/engine/jobs/job-definition.js';
import { Task } from '../../../lib/module/decorators/task.decorator.js';
import { TestBrowser } from '../../support/browser.js';
import { hasBrowser, openDashboard, soon, startDashboard } from './dashboard-app.js';

class InvoiceArgs {
  @IsInt() @Min(1) customerId!: number;
  @IsString() currency!: string;
}

class Invoices {
  @Task('send-invoice', { description: 'Sends an invoice by mail', args: InvoiceArgs })
  send(_args: InvoiceArgs): void {}
}

/** Triggers are objects with behaviour. */
const asData = (job: unknown): unknown => JSON.parse(JSON.stringify(job));

describe.runIf(hasBrowser)("The dashboard's form", { timeout: 60_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it('shows what a trigger means while it is written, and adds the job', async () => {
    const app = await startDashboard();
    const page = await openDashboard(browser, `${app.url}#/new`);
    const preview = page.getByRole('region', { name: 'Preview' });
    await preview.getByText('at 09:00').waitFor();
    await page.getByLabel('Id', { exact: true }).fill('report');
    await page.getByLabel('Task').fill('quick');
    await page.getByLabel('Crontab').fill('30 8 * * mon-fri');
    await preview.getByText('08:30').first().waitFor();
    await page.getByText('Time zone, start, end and jitter').click();
    await page.getByLabel('Time zone', { exact: true }).fill('Asia/Tokyo');
    await preview.getByText('Asia/Tokyo').first().waitFor();
    await page.getByLabel('Tags').fill('billing, daily');
    await page.getByRole('button', { name: 'Add the job' }).click();
    await page.getByRole('heading', { name: 'report', exact: true }).waitFor();
    expect(asData(await app.scheduler.getJob('report'))).toMatchObject({
      task: 'quick',
      tags: ['billing', 'daily'],
      trigger: { crontab: '30 8 * * mon-fri', timezone: 'Asia/Tokyo' },
    });
  });

  it('makes triggers of triggers', async () => {
    const app = await startDashboard();
    const page = await openDashboard(browser, `${app.url}#/new`);
    await page.getByLabel('Id', { exact: true }).fill('both');
    await page.getByLabel('Task').fill('quick');
    await page.getByLabel('Trigger', { exact: true }).selectOption('or');
    await page.getByRole('group', { name: 'Trigger 2' }).getByLabel('hours').fill('2');
    await page.getByRole('button', { name: 'Add a trigger' }).click();
    const third = page.getByRole('group', { name: 'Trigger 3' });
    await third.getByLabel('Trigger', { exact: true }).selectOption('except');
    await third.getByLabel('Except', { exact: true }).fill('2030-12-25\n2030-12-24 .. 2031-01-02');
    await page.getByRole('button', { name: 'Add the job' }).click();
    await page.getByRole('heading', { name: 'both', exact: true }).waitFor();
    const added = asData(await app.scheduler.getJob('both'));
    expect(added).toMatchObject({
      trigger: {
        type: 'or',
        triggers: [{ type: 'cron' }, { type: 'interval', hours: 2, minutes: 5 }, { type: 'except' }],
      },
    });
  });

  it('says at the fields what the API refuses, and keeps what was typed', async () => {
    const app = await startDashboard();
    const page = await openDashboard(browser, `${app.url}#/new`, { expected: /status of 400/ });
    await page.getByLabel('Id', { exact: true }).fill('report');
    await page.getByLabel('Task').fill('none');
    await page.getByLabel('Crontab').fill('61 * * * *');
    await page.getByRole('button', { name: 'Add the job' }).click();
    const field = page.locator('.has-fault', { hasText: 'Task' });
    await field.getByText(/none/).waitFor();
    expect(await page.getByLabel('Id', { exact: true }).inputValue()).toBe('report');
    await page.getByLabel('Task').fill('quick');
    await page.getByRole('button', { name: 'Add the job' }).click();
    await page.locator('.has-fault', { hasText: 'Crontab' }).waitFor();
    expect(await app.scheduler.getJobs()).toEqual([]);
  });

  it('has a field for each argument that the schema of a task names', async () => {
    const app = await startDashboard({}, { providers: [Invoices] });
    const page = await openDashboard(browser, `${app.url}#/new`, { expected: /status of 400/ });
    await page.getByLabel('Id', { exact: true }).fill('invoice');
    await page.getByLabel('Task').fill('send-invoice');
    await page.getByText('Sends an invoice by mail').waitFor();
    await page.getByLabel('customerId').fill('0');
    await page.getByLabel('currency').fill('EUR');
    await page.getByRole('button', { name: 'Add the job' }).click();
    await page.locator('.has-fault', { hasText: 'customerId' }).waitFor();
    await page.getByLabel('customerId').fill('7');
    await page.getByRole('button', { name: 'Add the job' }).click();
    await page.getByRole('heading', { name: 'invoice', exact: true }).waitFor();
    expect((await app.scheduler.getJob('invoice'))?.kwargs).toEqual({ customerId: 7, currency: 'EUR' });
  });

  it('changes what was changed only: an interval keeps its phase', async () => {
    const app = await startDashboard();
    const before = await app.scheduler.addJob({
      ...{ id: 'a', task: 'quick', maxInstances: 3, metadata: { owner: 'ann' } },
      trigger: { type: 'interval', hours: 5 },
    });
    const page = await openDashboard(browser, `${app.url}#/jobs/a/edit`);
    await page.getByLabel('Description').fill('Tidies up');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Tidies up', { exact: true }).waitFor();
    const { nextRunTime, trigger } = (await app.scheduler.getJob('a'))!;
    expect(await app.scheduler.getJob('a')).toMatchObject({ maxInstances: 3, metadata: { owner: 'ann' } });
    expect({ nextRunTime, trigger }).toEqual({ nextRunTime: before.nextRunTime, trigger: before.trigger });
  });

  it('shows what somebody else has changed meanwhile, and overwrites it only when that is wanted', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'cron', hour: 9 }, name: 'first' });
    const page = await openDashboard(browser, `${app.url}#/jobs/a/edit`, { expected: /status of 412/ });
    await page.getByLabel('Name', { exact: true }).fill('mine');
    await page.getByLabel('Tags').fill('x');
    await app.scheduler.modifyJob('a', { name: 'theirs', maxInstances: 3, trigger: { type: 'cron', hour: 8 } });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('You have both changed the marked fields').waitFor();
    expect((await page.getByRole('row').allInnerTexts()).map((text) => text.split(/\s*\t\s*/))).toEqual([
      ['Field', 'When you opened it', 'Now', 'If you save'],
      ['Trigger', 'cron hour=9', 'cron hour=8', 'cron hour=8'],
      ['Name', 'first', 'theirs', 'mine'],
      ['Tags', '–', '–', '["x"]'],
      ['At once', '1', '3', '3'],
    ]);
    expect(await page.locator('tr.is-conflict').allInnerTexts()).toEqual([expect.stringMatching(/^Name/)]);
    expect((await app.scheduler.getJob('a'))?.name).toBe('theirs');
    // Changed once more: that has not been shown yet.
    await app.scheduler.modifyJob('a', { name: 'theirs again' });
    await page.getByRole('button', { name: 'Save mine anyway' }).click();
    await page.getByRole('cell', { name: 'theirs again' }).waitFor();
    await page.getByRole('button', { name: 'Save mine anyway' }).click();
    await page.getByRole('heading', { name: 'a', exact: true }).waitFor();
    const saved = await app.scheduler.getJob('a');
    expect(saved).toMatchObject({ name: 'mine', tags: ['x'], maxInstances: 3 });
    expect(asData(saved)).toMatchObject({ trigger: { hour: '8' } });
  });

  it('does not call it a conflict that somebody has paused the job meanwhile', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'cron', hour: 9 } });
    const page = await openDashboard(browser, `${app.url}#/jobs/a/edit`, { expected: /status of 412/ });
    await page.getByLabel('Name', { exact: true }).fill('mine');
    await app.scheduler.pauseJob('a', { note: 'bank holiday', actor: 'ann' });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page
      .getByText('Since you opened this job it was paused by ann: bank holiday. Your changes do not touch that.')
      .waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
    await page.getByRole('button', { name: 'Save my changes' }).click();
    await page.getByRole('heading', { name: 'a', exact: true }).waitFor();
    expect(await app.scheduler.getJob('a')).toMatchObject({ name: 'mine', pause: { note: 'bank holiday' } });
  });

  it('has a field for each part of the retries, and shows there what the API refuses', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'cron', hour: 9 }, retry: 4 });
    const page = await openDashboard(browser, `${app.url}#/jobs/a/edit`, { expected: /status of 400/ });
    await page.getByText('Failures and limits').click();
    const retries = page.getByRole('group', { name: 'Retries of failed runs' });
    expect(await retries.getByLabel('Attempts').inputValue()).toBe('4');
    await retries.getByLabel('Delay', { exact: true }).fill('soon');
    await retries.getByLabel('Delay of each retry').selectOption('fixed');
    await retries.getByLabel('Longest delay').fill('5m');
    await retries.getByLabel('Random part').fill('2');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.has-fault', { hasText: 'Delay' }).getByText(/soon/).waitFor();
    await retries.getByLabel('Delay', { exact: true }).fill('10s');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'a', exact: true }).waitFor();
    expect((await app.scheduler.getJob('a'))?.retry).toEqual({
      ...{ attempts: 4, delay: 10, backoff: 'fixed', maxDelay: 300, jitter: 2 },
    });
    await page.getByText('up to 4 attempts; 10 s apart; plus up to 2 s at random').first().waitFor();
  });

  it('removes no limit by a value that is none, and takes durations', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'cron', hour: 9 }, maxRuns: 5 });
    const page = await openDashboard(browser, `${app.url}#/jobs/a/edit`, { expected: /status of 400/ });
    await page.getByText('Failures and limits').click();
    await page.getByLabel('Runs in all').fill('ten');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.has-fault', { hasText: 'Runs in all' }).waitFor();
    expect((await app.scheduler.getJob('a'))?.maxRuns).toBe(5);
    await page.getByLabel('Runs in all').fill('10');
    await page.getByText('Late and parallel runs').click();
    await page.getByLabel('May be late by').fill('5m');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'a', exact: true }).waitFor();
    expect(await app.scheduler.getJob('a')).toMatchObject({ maxRuns: 10, misfireGraceTime: 300 });
  });

  it('keeps every option of a job that it copies', async () => {
    const app = await startDashboard();
    const options: Partial<JobOptions> = {
      ...{ maxInstances: 2, maxQueued: 7, coalesce: false, catchUpLimit: 9, misfireGraceTime: 60, timeout: 30 },
      ...{ retry: { attempts: 3, delay: 5 }, maxRuns: 8, pauseAfterFailures: 4, tags: ['a,b', 'c'] },
      ...{ metadata: { owner: 'ann' }, description: 'first\nsecond', kwargs: { x: 1 } },
      overlap: 'queue',
      runOnStart: 'cluster',
    };
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'cron', hour: 9 }, ...options });
    const page = await openDashboard(browser, `${app.url}#/new/a`);
    await page.getByLabel('Id', { exact: true }).fill('b');
    await page.getByRole('button', { name: 'Add the job' }).click();
    await page.getByRole('heading', { name: 'b', exact: true }).waitFor();
    const shownOf = async (id: string): Promise<unknown> => {
      const answer = await app.send(`GET /scheduler/jobs/${id}`);
      const { id: _, name: __, last_run: ___, ...shown } = answer.json as Record<string, unknown>;
      return shown;
    };
    expect(await shownOf('b')).toEqual(await shownOf('a'));
  });

  it('still has what was typed when somebody comes back to it', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'cron', hour: 9 }, name: 'first' });
    const page = await openDashboard(browser, `${app.url}#/jobs/a/edit`, { expected: /status of 412/ });
    await page.getByLabel('Name', { exact: true }).fill('mine');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await app.scheduler.modifyJob('a', { name: 'theirs' });
    await page.goBack();
    await soon(async () => expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('mine'));
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Somebody has changed this job').waitFor();
    expect((await app.scheduler.getJob('a'))?.name).toBe('theirs');
    await page.getByRole('link', { name: 'Keep theirs' }).click();
    await page.getByRole('link', { name: 'Edit' }).click();
    await soon(async () => expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('theirs'));
  });

  it('makes a job like another', async () => {
    const app = await startDashboard();
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'cron', hour: 9 }, args: ['x'] });
    const page = await openDashboard(browser, `${app.url}#/jobs/a`);
    await page.getByRole('link', { name: 'Copy' }).click();
    await page.getByLabel('Id', { exact: true }).fill('b');
    await page.getByRole('button', { name: 'Add the job' }).click();
    await page.getByRole('heading', { name: 'b', exact: true }).waitFor();
    const copy = (await app.scheduler.getJob('b'))!;
    expect({ args: copy.args, trigger: JSON.stringify(copy.trigger) }).toEqual({
      args: ['x'],
      trigger: JSON.stringify((await app.scheduler.getJob('a'))!.trigger),
    });
  });
});
