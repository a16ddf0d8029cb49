import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findProgram } from './servers/find-program.js';

/** What a viewer has. */
export interface Viewer extends Pick<
  BrowserContextOptions,
  'colorScheme' | 'viewport' | 'httpCredentials' | 'timezoneId' | 'locale'
> {
  /** What may go wrong on the console: requests that are refused are reported there by the browser itself. */
  readonly expected?: RegExp;
}

/** A page, and what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of the console, and errors that nobody caught. */
  readonly problems: readonly string[];
}

/** The browser that tests use; `TEST_CHROMIUM` names another one. */
export function chromiumPath(): string | undefined {
  return process.env['TEST_CHROMIUM'] ?? findProgram('chromium', 'chromium-browser', 'google-chrome');
}

/** A browser for the tests of one file. */
export class TestBrowser {
  private constructor(private readonly browser: Browser) {}

  /** @throws Error where there is no browser. */
  static async launch(): Promise<TestBrowser> {
    const executablePath = chromiumPath();
    if (executablePath === undefined) throw new Error('There is no Chromium: install it, or name one by TEST_CHROMIUM');
    // A container's root has no sandbox.
    return new TestBrowser(await chromium.launch({ executablePath, args: ['--no-sandbox'] }));
  }

  /** A page of a viewer who has no other page, and nothing stored. */
  async open(url: string, { expected = /^$/, ...viewer }: Viewer = {}): Promise<OpenPage> {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      ...viewer,
    });
    const page = await context.newPage();
    // A busy machine is no failure.
    page.setDefaultTimeout(20_000);
    const problems: string[] = [];
    page.on('console', (message) => {
      const isProblem = ['error', 'warning'].includes(message.type()) && !expected.test(message.text());
      if (isProblem) problems.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(String(error.stack)));
    await page.goto(url);
    return { page, problems };
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}
