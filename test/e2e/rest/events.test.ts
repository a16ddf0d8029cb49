import { EVENT_ALL, EVENT_JOB_EXECUTED, EVENT_JOB_MODIFIED, type SchedulerEvent } from 'nestjs-apscheduler';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EventBus } from '../../../lib/engine/event-bus.js';
import { openEvents } from '../../support/event-client.js';
import { NOW, PLATFORMS, startRestApp, type RestApp, type RestAppSetup } from '../../support/rest-app.js';

const JOB = { trigger: 'interval', hours: 1, func: 'app:work' };
const at = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString().replace('Z', '000+00:00');

describe.each(PLATFORMS)('The stream of events on %s', (platform) => {
  let rest: RestApp;
  /** Without the audit trail, which has an event for each change. */
  const open = async ({ options, ...setup }: RestAppSetup = {}): Promise<RestApp> =>
    (rest = await startRestApp(platform, { ...setup, options: { audit: false, ...options } }));
  afterEach(() => rest.close());

  const events = (): EventBus => (rest.scheduler as unknown as { readonly parts: { events: EventBus } }).parts.events;
  const emit = (event: SchedulerEvent): void => events().emit(event);
  const executed = (jobId: string, runId = 'run'): SchedulerEvent => ({
    ...{ code: EVENT_JOB_EXECUTED, jobId, jobStore: 'default', runId, attempt: 1, returnValue: 'secret' },
    scheduledRunTime: Date.parse(NOW),
  });
  const add = (id: string, more = {}) => rest.send('POST /scheduler/jobs', { json: { ...JOB, id, ...more } });

  it('begins with a reload, and has jobs, their runs and the scheduler in the order in which they happen', async () => {
    await open();
    const client = await openEvents(rest.port);
    expect(client.status).toBe(200);
    expect(client.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    await add('a', { kwargs: { password: 'secret' } });
    await rest.send('POST /scheduler/jobs/a/run');
    await rest.send('POST /scheduler/jobs/a/pause');
    await rest.send('DELETE /scheduler/jobs/a');
    await rest.send('POST /scheduler/pause');
    await client.first('scheduler_paused');
    const [run] = (await rest.scheduler.getRuns()).runs;
    const about = { id: expect.stringMatching(/^[\da-f]{12}\.\d$/) as unknown, time: at(0) };
    const here = { ...about, node: run?.node };
    const job = { ...here, job_id: 'a', jobstore: 'default' };
    const ofRun = { ...job, run_id: run?.id, reason: null, scheduled_run_time: at(0) };
    expect(client.events).toEqual([
      { type: 'reload', ...about, reason: 'start' },
      { type: 'job_added', ...job },
      { type: 'job_submitted', ...ofRun, state: 'running' },
      { type: 'job_executed', ...ofRun, state: 'succeeded' },
      { type: 'job_modified', ...job },
      { type: 'job_removed', ...job },
      { type: 'scheduler_paused', ...here, alias: null },
    ]);
    expect(client.events.map(({ id }) => id.split('.')[1])).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    expect(client.text()).toMatch(
      /^retry: 1000\n\nid: [\da-f]{12}\.0\nevent: reload\ndata: \{"type":"reload",.*\}\n\nid/,
    );
    expect(client.text()).not.toContain('secret');
  });

  it('has only the events of the jobs and of the types that are asked for', async () => {
    await open();
    const byJob = await openEvents(rest.port, '?job_id=a&job_id=b,c');
    const byType = await openEvents(rest.port, '?type=job_removed,job_executed&type=scheduler_paused');
    for (const id of ['a', 'b', 'b,c']) await add(id);
    await rest.send('POST /scheduler/jobs/b/run');
    await rest.send('DELETE /scheduler/jobs/a');
    await rest.send('POST /scheduler/pause');
    await rest.send('DELETE /scheduler/jobs/b%2Cc');
    await vi.waitFor(() => expect(byJob.events).toHaveLength(5));
    const told = ({ events: all }: typeof byJob) =>
      all.map((event) => `${event.type} ${'job_id' in event ? event.job_id : ''}`.trim());
    expect(told(byJob)).toEqual(['reload', 'job_added a', 'job_added b,c', 'job_removed a', 'job_removed b,c']);
    await vi.waitFor(() => expect(byType.events).toHaveLength(5));
    expect(told(byType)).toEqual(['reload', 'job_executed b', 'job_removed a', 'scheduler_paused', 'job_removed b,c']);
  });

  it('is refused for types and filters that are not known, and names them', async () => {
    await open();
    expect(await rest.send('GET /scheduler/events?type=job_added,job_eaten')).toMatchObject({
      status: 400,
      json: {
        error_message: expect.stringMatching(
          /^Invalid query for events: type must be one or more of job_added, /,
        ) as unknown,
      },
    });
    expect(await rest.send('GET /scheduler/events?job_id=&colour=red')).toMatchObject({
      status: 400,
      json: {
        error_message: expect.stringMatching(
          /colour is not known here; job_id must be one or more non-empty texts/,
        ) as unknown,
      },
    });
    expect(events().wants(EVENT_ALL)).toBe(false);
  });

  it('goes on after the last event that a client has, if that is known, and otherwise reloads', async () => {
    await open();
    const first = await openEvents(rest.port);
    await add('a');
    const { id } = await first.first('job_added');
    first.close();
    await add('b');
    const second = await openEvents(rest.port, '', { headers: { 'Last-Event-ID': id } });
    await add('c');
    await vi.waitFor(() => expect(second.events).toHaveLength(2));
    expect(second.events).toMatchObject([
      { type: 'job_added', job_id: 'b' },
      { type: 'job_added', job_id: 'c' },
    ]);
    for (let n = 0; n < 1010; n++) emit(executed('a', `run-${n}`));
    const [epoch] = id.split('.');
    for (const lastEventId of [id, 'other.3', `${epoch}.99999`, `${epoch}.x`, '%']) {
      const client = await openEvents(rest.port, '', { headers: { 'Last-Event-ID': lastEventId } });
      expect(await client.first('reload')).toMatchObject({ reason: 'gap', id: `${epoch}.1013` });
      expect(client.events).toHaveLength(1);
    }
  });

  it('is remembered for half a minute after the last client has gone, and then costs nothing', async () => {
    await open();
    const timers = rest.clock.pendingTimers;
    expect(events().wants(EVENT_ALL)).toBe(false);
    const client = await openEvents(rest.port);
    const { id } = await client.first('reload');
    expect(events().wants(EVENT_ALL)).toBe(true);
    client.close();
    // What lingers has a timer, in place of that of the heartbeat.
    const feed = () => rest.clock.pendingTimers - timers;
    await vi.waitFor(async () => {
      await rest.clock.advance(1000);
      expect(feed()).toBe(1);
    });
    await vi.waitFor(async () => {
      await rest.clock.advance(30_000);
      expect(feed()).toBe(0);
    });
    expect(events().wants(EVENT_ALL)).toBe(false);
    const again = await openEvents(rest.port, '', { headers: { 'Last-Event-ID': id } });
    expect(await again.first('reload')).toMatchObject({ reason: 'gap' });
  });

  it('shows every 15 s that it is alive, and from where a client can go on', async () => {
    await open();
    const client = await openEvents(rest.port, '?type=job_removed');
    await client.first('reload');
    await add('a');
    await rest.clock.advance(15_000);
    await vi.waitFor(() => expect(client.text()).toMatch(/\n\n:\nid: [\da-f]{12}\.1\n\n$/));
    expect(client.events).toHaveLength(1);
    expect(client.lastEventId()).toMatch(/\.1$/);
  });

  it('ends after a quarter of an hour, so that who may read it is checked again', async () => {
    await open();
    const client = await openEvents(rest.port);
    await client.first('reload');
    await rest.clock.advance('14m');
    expect(client.state()).toBe('open');
    await rest.clock.advance('1m');
    await vi.waitFor(() => expect(client.state()).toBe('ended'));
  });

  it('sends 50 events of runs in each quarter of a second, and counts the others', async () => {
    await open();
    const client = await openEvents(rest.port);
    const one = await openEvents(rest.port, '?job_id=rare');
    await one.first('reload');
    for (let n = 0; n < 500; n++) emit(executed('often', `run-${n}`));
    emit(executed('rare', 'rare-run'));
    emit({ code: EVENT_JOB_MODIFIED, jobId: 'often', jobStore: 'default' });
    await client.first('job_modified');
    expect(client.events).toHaveLength(52);
    await rest.clock.advance(250);
    expect(await client.first('counts')).toEqual({
      ...{ type: 'counts', time: at(250), id: expect.stringMatching(/\.502$/) as unknown },
      counts: { job_executed: 451 },
      partial: false,
    });
    emit(executed('often', 'later'));
    await vi.waitFor(() => expect(client.events.at(-1)).toMatchObject({ run_id: 'later' }));
    expect(client.events.map(({ type }) => type)).toEqual([
      'reload',
      ...Array<string>(50).fill('job_executed'),
      'job_modified',
      'counts',
      'job_executed',
    ]);
    expect(one.events).toMatchObject([{ type: 'reload' }, { type: 'job_executed', run_id: 'rare-run' }]);
  });

  it(
    'drops what a slow client does not read, keeps little of it, and tells it to reload',
    { timeout: 30_000 },
    async () => {
      await open();
      const slow = await openEvents(rest.port);
      await slow.first('reload');
      slow.pause();
      const id = 'x'.repeat(191);
      // The connection takes some megabytes itself.
      for (let window = 0; window < 600; window++) {
        for (let n = 0; n < 50; n++) {
          emit(executed(id, id));
          emit({ code: EVENT_JOB_MODIFIED, jobId: id, jobStore: 'default' });
        }
        await rest.clock.advance(250);
      }
      slow.resume();
      await vi.waitFor(
        () => expect(slow.events.filter(({ type }) => type === 'reload').at(-1)).toMatchObject({ reason: 'slow' }),
        10_000,
      );
      expect(slow.events.length).toBeLessThan(50_000);
      emit(executed('a', 'after'));
      await vi.waitFor(() => expect(slow.events.at(-1)).toMatchObject({ run_id: 'after' }), 10_000);
    },
  );

  it('has for who is limited to tags only what concerns jobs that they may see', async () => {
    const access: NonNullable<RestAppSetup['options']>['access'] = ({ headers }) => ({
      ...{ actor: 'bob', can: 'all' as const },
      ...(typeof headers['x-tags'] === 'string' && { tags: [headers['x-tags']] }),
    });
    await open({ options: { access } });
    await add('old', { tags: ['red'] });
    const red = await openEvents(rest.port, '', { headers: { 'X-Tags': 'red' } });
    await red.first('reload');
    await add('ours', { tags: ['red'] });
    await add('theirs', { tags: ['blue'] });
    await add('moving', { tags: ['red', 'blue'] });
    for (const id of ['ours', 'theirs', 'moving']) await rest.send(`POST /scheduler/jobs/${id}/run`);
    await rest.send('PATCH /scheduler/jobs/moving', { json: { tags: ['blue'] } });
    await rest.send('POST /scheduler/jobs/moving/run');
    emit(executed('unknown'));
    for (const id of ['theirs', 'moving', 'old', 'ours']) await rest.send(`DELETE /scheduler/jobs/${id}`);
    await rest.send('POST /scheduler/pause');
    await red.first('scheduler_paused');
    const told = red.events.map((event) => `${event.type} ${'job_id' in event ? event.job_id : ''}`.trim());
    expect(told).toEqual([
      'reload',
      'job_added ours',
      'job_added moving',
      'job_submitted ours',
      'job_executed ours',
      'job_submitted moving',
      'job_executed moving',
      'job_modified moving',
      'job_removed old',
      'job_removed ours',
      'scheduler_paused',
    ]);
    expect(red.text()).not.toMatch(/theirs|unknown/);
  });

  it('has the events of runs and of the scheduler for who may read these', async () => {
    const access: NonNullable<RestAppSetup['options']>['access'] = ({ headers }) => ({
      actor: 'bob',
      can: headers['x-reader'] === undefined ? 'all' : ['jobs.read'],
    });
    await open({ options: { access } });
    const headers = { 'X-Reader': 'yes' };
    expect(await rest.send('GET /scheduler/events?type=job_error', { headers })).toMatchObject({
      status: 403,
      json: { error_message: 'This needs the action runs.read, which "bob" does not have' },
    });
    expect((await rest.send('GET /scheduler/events?type=scheduler_paused', { headers })).status).toBe(403);
    const client = await openEvents(rest.port, '', { headers });
    await client.first('reload');
    await add('a');
    await rest.send('POST /scheduler/jobs/a/run');
    await rest.send('POST /scheduler/pause');
    await rest.send('DELETE /scheduler/jobs/a');
    await client.first('job_removed');
    expect(client.events.map(({ type }) => type)).toEqual(['reload', 'job_added', 'job_removed']);
  });

  it('has the entries of the audit trail for who may read these, and of the jobs that they may see', async () => {
    const access: NonNullable<RestAppSetup['options']>['access'] = ({ headers }) => ({
      ...{ actor: 'bob', can: headers['x-reader'] === undefined ? ('all' as const) : ('read' as const) },
      ...(typeof headers['x-tags'] === 'string' && { tags: [headers['x-tags']] }),
    });
    await open({ options: { access, audit: {} } });
    const reader = { 'X-Reader': 'yes' };
    expect(await rest.send('GET /scheduler/events?type=audit_recorded', { headers: reader })).toMatchObject({
      status: 403,
      json: { error_message: 'This needs the action audit.read, which "bob" does not have' },
    });
    const all = await openEvents(rest.port, '?type=audit_recorded');
    const one = await openEvents(rest.port, '?type=audit_recorded&job_id=red');
    const reading = await openEvents(rest.port, '', { headers: reader });
    const red = await openEvents(rest.port, '?type=audit_recorded', { headers: { 'X-Tags': 'red' } });
    for (const client of [all, one, reading, red]) await client.first('reload');
    await add('red', { tags: ['red'], kwargs: { password: 'secret' } });
    await add('blue', { tags: ['blue'] });
    await rest.send('POST /scheduler/pause');
    await rest.send('POST /scheduler/jobs/red/pause', { json: { note: 'holiday' } });
    const told = ({ events: those }: typeof all) =>
      those.flatMap((event) => ('audit_id' in event ? `${event.action} ${event.job_id}` : []));
    await vi.waitFor(() =>
      expect(told(all)).toEqual(['job.add red', 'job.add blue', 'scheduler.pause null', 'job.pause red']),
    );
    for (const client of [one, red]) {
      await vi.waitFor(() => expect(told(client)).toEqual(['job.add red', 'job.pause red']));
    }
    const [entry] = (await rest.scheduler.getAudit({ action: 'job.pause' })).entries;
    expect(all.events.at(-1)).toEqual({
      ...{ type: 'audit_recorded', id: expect.stringMatching(/\.\d+$/) as unknown, time: at(0), node: entry?.node },
      ...{ job_id: 'red', jobstore: 'default', audit_id: entry?.id, action: 'job.pause', actor: 'bob' },
    });
    expect(all.text()).not.toMatch(/secret|holiday/);
    await rest.send('DELETE /scheduler/jobs/red');
    await reading.first('job_removed');
    expect(told(reading)).toEqual([]);
  });

  it('is open at most as often as the limit says', async () => {
    await open({ options: { limits: { eventStreams: 2 } } });
    const clients = [await openEvents(rest.port), await openEvents(rest.port)];
    expect(await rest.send('GET /scheduler/events')).toMatchObject({
      status: 503,
      json: { error_message: '2 streams of events are open (limits.eventStreams)' },
      headers: { 'retry-after': '1' },
    });
    clients[0]?.close();
    await vi.waitFor(async () => expect((await rest.send('GET /scheduler/events')).status).toBe(200));
  });

  it('ends at once for HEAD', async () => {
    await open();
    const client = await openEvents(rest.port, '', { method: 'HEAD' });
    expect(client.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(events().wants(EVENT_ALL)).toBe(false);
  });

  it('ends when the application closes, which neither readers nor clients that do not read hold up', async () => {
    await open();
    const client = await openEvents(rest.port);
    const slow = await openEvents(rest.port);
    await slow.first('reload');
    slow.pause();
    const id = 'x'.repeat(191);
    for (let window = 0; window < 300; window++) {
      for (let n = 0; n < 50; n++) emit(executed(id, id));
      await rest.clock.advance(250);
    }
    await rest.app.close();
    await vi.waitFor(() => expect(client.state()).toBe('ended'));
    expect(rest.clock.pendingTimers).toBe(0);
    expect(events().wants(EVENT_ALL)).toBe(false);
  });
});
