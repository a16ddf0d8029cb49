import { setTimeout } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { machine, publish } from '../support/results.mjs';
import { OwnProcess } from '../support/own-process.mjs';
import { OURS, versionsOf } from '../support/packages.mjs';
import { toMarkdown } from './report.mjs';

const SERVER = new URL('../events/server.worker.mjs', import.meta.url);

const FULL = {
  loads: [1000, 10_000],
  rounds: 3,
  warmUpMs: 8000,
  lingerMs: 32_000,
  settleMs: 45_000,
  forMs: 5000,
  opens: 15,
  runs: 60,
  turns: 1800,
};
const SMOKE = {
  loads: [20],
  rounds: 1,
  warmUpMs: 1500,
  lingerMs: 0,
  settleMs: 0,
  forMs: 1500,
  opens: 1,
  runs: 3,
  turns: 20,
};

/** However much happens, a page asks for what it shows at most so often: an hour has 1,800 times this. */
const REFRESH_MS = 2000;
const PAGES = ['#/', '#/jobs', '#/runs'];

/**
 * What the dashboard costs the scheduler, and how quickly and with how much memory it shows what happens.
 *
 * @param {{ save: boolean, smoke: boolean }} options
 */
export async function run({ save, smoke }) {
  const settings = smoke ? SMOKE : FULL;
  const executablePath = process.env.TEST_CHROMIUM ?? '/usr/bin/chromium';
  // A container's root has no sandbox.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const costs = [];
    for (const jobs of settings.loads) costs.push(await measureCost(browser, jobs, settings));
    const quiet = await open('memory', 20);
    const result = {
      date: new Date().toISOString(),
      machine: machine(),
      versions: { ...versionsOf([OURS]), chromium: browser.version() },
      settings,
      costs,
      paints: await measurePaints(browser, quiet, settings),
      delays: await measureDelays(browser, quiet, settings),
      memory: await measureMemory(browser, quiet, settings),
    };
    await quiet.process.kill();
    publish('dashboard', result, toMarkdown, { save, smoke });
  } finally {
    await browser.close();
  }
}

async function open(store, jobs) {
  const process = new OwnProcess(SERVER, { timeZone: 'UTC', memoryMb: 2000 });
  const port = await process.ask('open', { store, jobs });
  return { process, url: `http://127.0.0.1:${port}/scheduler/ui` };
}

/** The processor time of the server for each run, without a page and with the overview open, at first and later, in alternating rounds. */
async function measureCost(browser, jobs, { forMs, lingerMs, rounds, settleMs, warmUpMs }) {
  process.stderr.write(`${jobs} runs a second\n`);
  const { process: server, url } = await open('memory', jobs);
  const found = { jobs, without: [], with: [], later: [] };
  const measure = async (afterMs = warmUpMs) => {
    await setTimeout(afterMs);
    await server.ask('begin');
    await setTimeout(forMs);
    const { cpuMs, runs } = await server.ask('end');
    return { cpuUs: (1000 * cpuMs) / runs, runs };
  };
  await withPage(browser, `${url}#/`, () => measure());
  for (let round = 0; round < rounds; round++) {
    // Events are followed for half a minute after the last page.
    await setTimeout(lingerMs);
    found.without.push(await measure());
    await withPage(browser, `${url}#/`, async () => {
      found.with.push(await measure());
      // By then a page has left a stream with too many events, and the server no longer keeps them for it.
      found.later.push(await measure(settleMs));
    });
  }
  await server.kill();
  return found;
}

/** When a page of a browser without a cache shows its first content, and its data. */
async function measurePaints(browser, { url }, { opens }) {
  const found = [];
  for (const place of PAGES) {
    const all = [];
    for (let time = 0; time < opens; time++) {
      all.push(
        await withPage(browser, url + place, async (page) => {
          await page.locator('tbody tr, svg').first().waitFor();
          return page.evaluate(() => ({
            firstMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
            shownMs: performance.now(),
          }));
        }),
      );
    }
    found.push({ place, all });
  }
  return found;
}

/** How long after its start a run has a row in the list of runs. Server and browser have the same clock. */
function measureDelays(browser, { process: server, url }, { runs }) {
  return withPage(browser, `${url}#/runs`, async (page) => {
    await page.locator('tbody tr').first().waitFor();
    await page.evaluate(() => {
      globalThis.shownAt = new Map();
      const note = () => {
        for (const link of document.querySelectorAll('tbody a[href*="/runs/"]')) {
          const { href } = link;
          if (!globalThis.shownAt.has(href)) globalThis.shownAt.set(href, Date.now());
        }
      };
      note();
      new MutationObserver(note).observe(document.body, { childList: true, subtree: true, attributes: true });
    });
    const delays = [];
    for (let run = 0; run < runs; run++) {
      const { id, startedAt } = await server.ask('runNow', 'job-0');
      const shownAt = await page.waitForFunction(
        (runId) => [...globalThis.shownAt].find(([href]) => href.endsWith(runId))?.[1],
        id,
      );
      delays.push((await shownAt.jsonValue()) - startedAt);
    }
    return delays;
  });
}

/** What a page holds while its clock is turned by an hour, with a run and an answer in each turn. */
function measureMemory(browser, { process: server, url }, { turns }) {
  return withPage(browser, 'about:blank', async (page) => {
    await page.clock.install();
    await page.goto(`${url}#/`);
    await page.locator('svg').first().waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const found = [];
    const note = async (done) => {
      for (let time = 0; time < 3; time++) await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      const read = (name) => metrics.find((metric) => metric.name === name)?.value ?? NaN;
      found.push({
        done,
        heapBytes: read('JSHeapUsedSize'),
        nodes: read('Nodes'),
        listeners: read('JSEventListeners'),
      });
    };
    const some = Math.ceil(turns / 6);
    for (let done = 1; done <= turns; done++) {
      const answered = page.waitForEvent('requestfinished');
      await server.ask('runNow', `job-${done % 20}`);
      await page.clock.runFor(REFRESH_MS);
      await answered;
      if (done % some === 0 || done === turns) await note(done);
    }
    return found;
  });
}

/** A page of a viewer who has nothing stored. */
async function withPage(browser, url, work) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  try {
    return await work(page);
  } finally {
    await context.close();
  }
}
