/* npm run screenshots: builds, runs an application with jobs of all kinds for some minutes, and takes the pictures of docs/dashboard.md. */
import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { chromium } from 'playwright-core';
import { SchedulerModule, SchedulerService } from '../dist/index.js';

const MINUTES = 4;
const folder = new URL('images/', import.meta.url).pathname;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const between = (least, most) => least + Math.random() * (most - least);

class AppModule {}
Module({
  imports: [
    SchedulerModule.forRoot({
      node: 'web-1',
      timezone: 'Europe/Berlin',
      apiEnabled: true,
      auth: false,
      dashboard: { timezone: 'Europe/Berlin' },
    }),
  ],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
const scheduler = app.get(SchedulerService);
scheduler.registerTask('send-mail', () => wait(between(200, 1500)).then(() => ({ sent: 3 })));
scheduler.registerTask('sync-orders', async () => {
  await wait(between(1500, 5000));
  if (Math.random() < 0.2) throw new Error('The shop did not answer within 3 s');
  return 'in step';
});
scheduler.registerTask('tidy', () => wait(between(20, 80)));
await app.listen(0, '127.0.0.1');

const every = (seconds) => ({ type: 'interval', seconds });
const cron = (crontab) => ({ type: 'cron', crontab });
await scheduler.addJobs([
  { id: 'mail-queue', task: 'send-mail', trigger: every(11), tags: ['mail'] },
  {
    id: 'mail-digest',
    task: 'send-mail',
    trigger: cron('30 7 * * 1-5'),
    tags: ['mail'],
    description: 'The news of a day',
  },
  { id: 'orders-sync', task: 'sync-orders', trigger: every(9), tags: ['shop'], retry: { attempts: 2, delay: 2 } },
  { id: 'orders-check', task: 'sync-orders', trigger: every(25), tags: ['shop'], pauseAfterFailures: 20 },
  { id: 'cache-warmup', task: 'tidy', trigger: cron('*/2 * * * *') },
  { id: 'session-cleanup', task: 'tidy', trigger: every(6), metadata: { owner: 'platform' } },
  {
    id: 'nightly-export',
    task: 'tidy',
    trigger: { type: 'or', triggers: [cron('15 2 * * *'), { type: 'cron', day: 'last fri', hour: 18 }] },
  },
  { id: 'monthly-closing', task: 'tidy', trigger: { type: 'cron', day: 'last', hour: 23 }, tags: ['billing'] },
]);
await scheduler.pauseJob('mail-digest', { actor: 'ann', note: 'bank holiday' });
await wait(MINUTES * 60_000);

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.TEST_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const url = `${await app.getUrl()}/scheduler/ui`;
const pictures = [
  ['dashboard-overview', '#/', 'light'],
  ['dashboard-jobs', '#/jobs', 'light'],
  ['dashboard-job', '#/jobs/orders-sync', 'dark'],
  ['dashboard-form', '#/jobs/nightly-export/edit', 'light'],
];
for (const [name, page, colorScheme] of pictures) {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width: 1280, height: 860 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  const shown = await context.newPage();
  await shown.goto(url + page);
  await shown.waitForLoadState('load');
  await wait(2500);
  await shown.screenshot({ path: `${folder}${name}.png` });
  await context.close();
}
await browser.close();
await app.close();
