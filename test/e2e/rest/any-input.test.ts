import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listEndpoints } from '../../../lib/rest/endpoints/endpoint.js';
import { AddJobDto, PreviewDto } from '../../../lib/rest/dto/index.js';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const NAMES = [
  ...Object.keys(new AddJobDto()),
  ...Object.keys(new PreviewDto()),
  ...[
    'type',
    'from',
    'to',
    'max',
    'seed',
    'attempts',
    'delay',
    'max_delay',
    'scope',
    'wait',
    'limit',
    'state',
    'cursor',
  ],
  ...['constructor', '__proto__', 'toString', 'then', 'length', ''],
];
const TEXTS = [
  ...['date', 'interval', 'cron', 'calendarinterval', 'and', 'or', 'except', 'app:work', 'there', 'id', 'node', 'all'],
  ...[
    '2030-01-01',
    '2030-01-01T00:00:00Z',
    '1h30m',
    'P1M',
    '*/5',
    '0 9 * * 1-5',
    'UTC',
    '',
    '\0',
    '\ud800',
    'true',
    '7',
  ],
];
const RUNS = 100;
const NUMBERS = [0, 1, -1, 1.5, 1e300, 5e20, 2 ** 53, -0];

/** JSON in which members that mean something are likely to meet. Parsed, so that a member may be called `__proto__`. */
const { value } = fc.letrec<{ value: unknown; members: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'json' },
    fc.constantFrom<unknown>(null, true, false, ...TEXTS, ...NUMBERS),
    fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'json' }),
    tie('members'),
  ),
  members: fc
    .array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 6, depthIdentifier: 'json' })
    .map((members) => Object.fromEntries(members)),
}));
const JOB = { id: 'new', func: 'app:work', trigger: 'interval', minutes: 5 };
const CRON = { type: 'cron', hour: 3 };
const VALID: readonly object[] = [
  JOB,
  { ...JOB, retry: { attempts: 2, delay: 5 }, jitter: { max: 5, seed: 'id' }, args: [1], kwargs: { constructor: 1 } },
  { id: 'new', func: 'app:work', trigger: 'or', triggers: [CRON, { type: 'date', run_date: '2030-01-01' }] },
  { trigger: 'except', base: CRON, except: ['2030-01-01', { from: '2030-01-01', to: '2030-01-02' }, CRON] },
  { trigger: CRON, count: 3 },
  { args: [], kwargs: {} },
  { scope: 'node' },
  {},
];
/** Anything, or valid input with at most two members that are anything. */
const body = fc.oneof(
  value,
  fc
    .tuple(fc.constantFrom(...VALID), fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 2 }))
    .map(([valid, members]) => ({ ...valid, ...members })),
);
const query = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...TEXTS)), { maxLength: 2 });
/** The document is long, and takes no input. */
const routes = listEndpoints({ apiPrefix: '/scheduler', endpointPrefix: '' }).filter(
  ({ name }) => name !== 'get_openapi',
);

describe.each(PLATFORMS)('any input on %s', (platform) => {
  let rest: RestApp;
  beforeAll(async () => {
    // The audit trail grows with each request, and responses are to stay short.
    rest = await startRestApp(platform, { options: { audit: { maxCount: 10 } } });
  });
  afterAll(() => rest.close());

  it('is never a 500, and changes nothing when it is refused', { timeout: 60_000 }, async () => {
    const state = async (): Promise<string> => {
      const parts = ['', '/jobs', '/runs'].map((path) => rest.send(`GET /scheduler${path}`));
      return (await Promise.all(parts)).map(({ text }) => text).join('\n');
    };
    const request = fc.tuple(fc.constantFrom(...routes), body, query);
    await fc.assert(
      fc.asyncProperty(request, async ([{ method, path }, json, pairs]) => {
        await rest.scheduler.addJob({
          id: 'there',
          task: 'app:work',
          trigger: 'interval',
          hours: 1,
          replaceExisting: true,
        });
        const before = await state();
        const search = pairs.map(
          ([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text.toWellFormed())}`,
        );
        const target = `${method} ${path.replace(':id', 'there')}?${search.join('&')}`;
        const { status, text } = await rest.send(target, method === 'GET' ? {} : { json });
        expect(status).toBeLessThan(500);
        expect(text.length).toBeLessThan(20_000);
        if (status >= 400) expect(await state()).toBe(before);
        if (!rest.scheduler.running) await rest.scheduler.start();
        await rest.scheduler.removeAllJobs();
        await rest.scheduler.resume();
      }),
      { numRuns: RUNS },
    );
    expect({}).not.toHaveProperty('polluted');
  });
});
