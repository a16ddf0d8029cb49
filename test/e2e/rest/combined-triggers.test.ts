import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORMS, startRestApp, type RestApp } from '../../support/rest-app.js';

const CRON = { trigger: 'cron', hour: 9 };
const CHRISTMAS = { trigger: 'cron', month: 12, day: '25,26', hour: '*' };

/** A body; what is answered of its trigger; when it fires first. Now is 2026-11-22T22:36:39.205Z, in UTC. */
const GOOD: [string, object, object, string][] = [
  [
    'a calendar interval',
    { trigger: 'calendarinterval', months: 1, hour: 6, start_date: '2026-12-31', end_date: '2028-01-01' },
    {
      trigger: 'calendarinterval',
      start_date: '2026-12-31',
      end_date: '2028-01-01',
      months: 1,
      hour: 6,
      timezone: 'UTC',
    },
    '2026-12-31T06:00:00+00:00',
  ],
  [
    'a calendar interval from today on',
    { trigger: { type: 'calendarinterval', years: 1, weeks: 1, days: 1, hour: 23, minute: 30, second: 5 } },
    {
      trigger: 'calendarinterval',
      start_date: '2026-11-22',
      years: 1,
      weeks: 1,
      days: 1,
      hour: 23,
      minute: 30,
      second: 5,
      timezone: 'UTC',
    },
    '2026-11-22T23:30:05+00:00',
  ],
  [
    'a crontab string in the extended dialect',
    { trigger: 'cron', crontab: '0 9 L * *', dialect: 'extended' },
    { trigger: 'cron', crontab: '0 9 L * *', dialect: 'extended', timezone: 'UTC' },
    '2026-11-30T09:00:00+00:00',
  ],
  [
    'or',
    {
      trigger: 'or',
      triggers: [
        { trigger: 'cron', day_of_week: 'mon-fri', hour: 9, timezone: 'Europe/Berlin' },
        { type: 'date', run_date: '2026-11-22T23:00:00+01:00' },
        { trigger: 'date', run_date: '2026-11-23T00:00:00+01:00' },
      ],
      jitter: { max: '2m', seed: 'id' },
    },
    {
      trigger: 'or',
      triggers: [
        { trigger: 'cron', day_of_week: 'mon-fri', hour: '9', timezone: 'Europe/Berlin' },
        { trigger: 'date', run_date: '2026-11-22T23:00:00+01:00', timezone: '+01:00' },
        { trigger: 'date', run_date: '2026-11-23T00:00:00+01:00', timezone: '+01:00' },
      ],
      jitter: { max: 120, seed: 'id' },
    },
    // With a delay of its own.
    '2026-11-23T00:0',
  ],
  [
    'and, in the older nested form',
    { trigger: { type: 'and', triggers: [CRON, { trigger: 'calendarinterval', weeks: 2, hour: 9 }] } },
    {
      trigger: 'and',
      triggers: [
        { trigger: 'cron', hour: '9', timezone: 'UTC' },
        { trigger: 'calendarinterval', start_date: '2026-11-22', weeks: 2, hour: 9, timezone: 'UTC' },
      ],
    },
    '2026-12-06T09:00:00+00:00',
  ],
  [
    'except',
    {
      trigger: 'except',
      base: { trigger: 'cron', hour: '*/6', timezone: 'Europe/Berlin', jitter: null },
      except: ['2026-11-23', { from: '2026-11-24', to: '2026-11-24T12:00' }, '2026-11-24T12:00:00+01:00', CHRISTMAS],
    },
    {
      trigger: 'except',
      base: { trigger: 'cron', hour: '*/6', timezone: 'Europe/Berlin' },
      except: [
        '2026-11-23',
        { from: '2026-11-24', to: '2026-11-24T12:00:00+01:00' },
        '2026-11-24T12:00:00+01:00',
        { trigger: 'cron', month: '12', day: '25,26', hour: '*', timezone: 'Europe/Berlin' },
      ],
    },
    '2026-11-24T18:00:00+01:00',
  ],
  [
    'one in another',
    {
      trigger: 'or',
      triggers: [
        {
          trigger: 'except',
          base: { type: 'or', triggers: [CRON] },
          except: [{ trigger: 'or', triggers: [CHRISTMAS] }],
        },
      ],
    },
    {
      trigger: 'or',
      triggers: [
        {
          trigger: 'except',
          base: { trigger: 'or', triggers: [{ trigger: 'cron', hour: '9', timezone: 'UTC' }] },
          except: [
            {
              trigger: 'or',
              triggers: [{ trigger: 'cron', month: '12', day: '25,26', hour: '*', timezone: 'UTC' }],
            },
          ],
        },
      ],
    },
    '2026-11-23T09:00:00+00:00',
  ],
];

const nested = (depth: number): object => (depth === 0 ? CRON : { trigger: 'or', triggers: [nested(depth - 1)] });

/** A trigger, and every field that its refusal must name. */
const BAD: [object, string[]][] = [
  [{ trigger: 'or' }, ['triggers']],
  [{ trigger: 'or', triggers: [] }, ['triggers']],
  [{ trigger: 'or', triggers: [null, 5, 'cron', []] }, [0, 1, 2, 3].map((index) => `triggers[${index}]`)],
  [{ trigger: 'or', triggers: [{}] }, ['triggers[0].type']],
  [
    { trigger: 'or', triggers: [{ trigger: 'weekly' }, { type: 'weekly' }] },
    ['triggers[0].trigger', 'triggers[1].type'],
  ],
  [{ trigger: 'or', triggers: [{ trigger: 'cron', type: 'cron' }] }, ['triggers[0].trigger']],
  [{ trigger: 'or', triggers: [{ trigger: CRON }] }, ['triggers[0].trigger']],
  [{ trigger: 'or', triggers: [{ ...CRON, dayOfWeek: 'mon' }] }, ['triggers[0].dayOfWeek']],
  [
    { trigger: 'or', triggers: [{ ...CRON, day_of_week: 'x', foo: 1 }] },
    ['triggers[0].day_of_week', 'triggers[0].foo'],
  ],
  [{ trigger: 'or', triggers: [{ ...CRON, start_date: 1893456000000 }] }, ['triggers[0].start_date']],
  [{ trigger: 'or', triggers: [{ ...CRON, jitter: 5 }] }, ['triggers[0].jitter']],
  [{ trigger: 'or', triggers: [{ ...CRON, id: 'x' }], hour: 5 }, ['hour', 'triggers[0].id']],
  [{ trigger: 'or', triggers: Array.from({ length: 1001 }, () => CRON) }, ['triggers']],
  [{ trigger: 'or', base: CRON, triggers: [CRON] }, ['base']],
  [{ trigger: 'or', triggers: [nested(16)] }, [`${'triggers[0].'.repeat(17)}trigger`]],
  [{ trigger: 'or', triggers: [nested(40)] }, ['triggers']],
  [{ trigger: 'and', triggers: [CRON, { ...CRON, hour: 10 }] }, ['triggers']],
  [{ trigger: 'and', triggers: [{ trigger: 'interval', minutes: 10 }, CRON] }, ['triggers[1]']],
  [
    { trigger: 'or', triggers: [CRON, { trigger: 'and', triggers: [CRON, { ...CRON, hour: 10 }] }] },
    ['triggers[1].triggers'],
  ],
  [{ trigger: 'except' }, ['base', 'except']],
  [{ trigger: 'except', base: 'cron', except: '2030-01-01' }, ['base', 'except']],
  [{ trigger: 'except', base: CRON, except: [CRON] }, ['except[0]']],
  [
    {
      trigger: 'except',
      base: { trigger: 'interval', seconds: -5 },
      except: [5e20, 'soon', '2030-02-30', null, {}, { from: 5 }, { from: '2030-01-02', to: '2030-01-01', bar: 1 }],
    },
    'base.seconds except[0] except[1] except[2] except[3] except[4].type except[5].from except[5].to except[6].bar'.split(
      ' ',
    ),
  ],
  [{ trigger: 'except', base: CRON, except: [{ from: '2026-01-01', to: '2999-01-01' }], jitter: 5 }, ['jitter']],
  [
    {
      trigger: 'except',
      base: { ...CRON, end_date: '2030-01-01' },
      except: [{ from: '2026-01-01', to: '2031-01-01' }],
    },
    ['except'],
  ],
  [{ trigger: 'calendarinterval' }, ['days']],
  [{ trigger: 'calendarinterval', years: '1', months: -1, hour: '5' }, ['years', 'months', 'hour']],
  [{ trigger: 'calendarinterval', days: 1, start_date: '2030-02-30', hours: 5 }, ['start_date', 'hours']],
  [{ trigger: 'cron', triggers: [CRON], years: 1 }, ['triggers', 'years']],
];

describe.each(PLATFORMS)('Combined triggers on %s', (platform) => {
  let rest: RestApp;
  beforeAll(async () => {
    rest = await startRestApp(platform);
  });
  afterAll(() => rest.close());
  const job = async (id: string): Promise<Record<string, unknown>> =>
    (await rest.send(`GET /scheduler/jobs/${id}`)).json as Record<string, unknown>;

  it.each(GOOD)('are added, shown and changed: %s', async (name, body, answer, first) => {
    const id = encodeURIComponent(name);
    const { status, json } = await rest.send('POST /scheduler/jobs', { json: { id: name, func: 'app:work', ...body } });
    expect({ status, json }).toMatchObject({ status: 200, json: answer });
    const { next_run_time, ...others } = json as { next_run_time: string };
    expect(next_run_time).toMatch(first);

    // The answer, sent back whole, changes nothing; nor does its trigger alone.
    expect((await rest.send(`PATCH /scheduler/jobs/${id}`, { json })).json).toEqual(json);
    expect((await rest.send(`PATCH /scheduler/jobs/${id}`, { json: answer })).json).toEqual(json);

    // And from another trigger back to it.
    await rest.send(`PATCH /scheduler/jobs/${id}`, { json: { trigger: 'interval', hours: 1 } });
    expect(await job(id)).toMatchObject({ trigger: 'interval', hours: 1 });
    expect((await rest.send(`PATCH /scheduler/jobs/${id}`, { json: answer })).json).toEqual({
      ...others,
      next_run_time,
    });
    expect(await job(id)).toEqual(json);
  });

  it.each(GOOD)('are previewed: %s', async (_name, body, _answer, first) => {
    const { status, json } = await rest.send('POST /scheduler/preview', { json: body });
    expect(status).toBe(200);
    expect((json as { next_run_times: string[] }).next_run_times[0]).toMatch(first.replace('T00:0', 'T00:00:00'));
  });

  it.each(BAD.map((bad) => [JSON.stringify(bad[0]).slice(0, 90), ...bad] as const))(
    'are refused: %s',
    async (_, trigger, fields) => {
      const before = (await rest.send('GET /scheduler/jobs')).text;
      await rest.scheduler.addJob({ id: 'there', task: 'app:work', replaceExisting: true, trigger: 'cron', hour: 1 });
      const there = await job('there');
      const requests = [
        ['POST /scheduler/jobs', { id: 'bad', func: 'app:work', ...trigger }],
        ['PATCH /scheduler/jobs/there', trigger],
      ] as const;
      for (const [target, body] of requests) {
        const { status, json } = await rest.send(target, { json: body });
        expect(status).toBe(400);
        const message = (json as { error_message: string }).error_message;
        for (const field of fields) expect(message).toContain(field.length > 64 ? field.slice(0, 60) : `${field} `);
      }
      expect(await job('there')).toEqual(there);
      await rest.scheduler.removeJob('there');
      expect((await rest.send('GET /scheduler/jobs')).text).toBe(before);
    },
  );

  it('are refused, however long and deep a body makes them', async () => {
    const bodies = [
      `{"id":"x","func":"app:work","trigger":"or","triggers":${'[{"trigger":"or","triggers":'.repeat(2500)}[]${'}]'.repeat(2500)}}`,
      `{"id":"x","func":"app:work","trigger":"or","triggers":[${Array(3000).fill('{"trigger":"cron","hour":1}').join()}]}`,
      `{"id":"x","func":"app:work","trigger":"except","base":{"trigger":"date"},"except":[${Array(49_000).fill(1).join()}]}`,
    ];
    for (const body of bodies) expect(await rest.send('POST /scheduler/jobs', { body })).toMatchObject({ status: 400 });
  });
});
