import fastifyHelmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet from 'helmet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../../lib/rest/dashboard/dashboard-page.js';
import { TestBrowser } from '../../support/browser.js';
import { PLATFORMS } from '../../support/rest-app.js';
import { hasBrowser, openDashboard, soon, startDashboard } from './dashboard-app.js';

describe.runIf(hasBrowser)('In an application that uses helmet as it is, the dashboard', { timeout: 60_000 }, () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser.close());

  it.each(PLATFORMS)('works on %s, with nothing on the console', async (platform) => {
    const app = await startDashboard(
      {},
      {
        platform,
        configure: (nest) =>
          platform === 'express' ? nest.use(helmet()) : (nest as NestFastifyApplication).register(fastifyHelmet),
      },
    );
    await app.scheduler.addJob({ id: 'a', task: 'quick', trigger: { type: 'interval', hours: 1 } });
    const page = await openDashboard(browser, 'about:blank');
    const messages: string[] = [];
    page.on('console', (message) => messages.push(message.text()));
    const answer = await page.goto(app.url);
    const headers = answer!.headers();
    // Helmet is there, and has not replaced the stricter policy.
    expect(headers['strict-transport-security']).toBeDefined();
    expect(headers['content-security-policy']).toBe(CONTENT_SECURITY_POLICY);
    for (const place of ['#/', '#/jobs', '#/runs', '#/cluster', '#/audit', '#/new', '#/jobs/a/edit', '#/jobs/a']) {
      await page.goto(app.url + place);
      await page.locator('h1').waitFor();
      await soon(async () => expect(await page.getByText('Loading …').count()).toBe(0));
      expect(await page.getByRole('alert').count()).toBe(0);
    }
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.locator('td .badge', { hasText: 'succeeded' }).waitFor();
    await page.getByText('● Live').waitFor();
    expect(messages).toEqual([]);
  });
});
