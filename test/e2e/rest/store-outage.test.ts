import { MemoryJobStore } from 'nestjs-apscheduler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRestApp, type RestApp } from '../../support/rest-app.js';

/** A store whose server can go away. */
class Away extends MemoryJobStore {
  isAway = false;
  override async get(id: string): ReturnType<MemoryJobStore['get']> {
    this.ask();
    return super.get(id);
  }
  override async find(search: Parameters<MemoryJobStore['find']>[0]): ReturnType<MemoryJobStore['find']> {
    this.ask();
    return super.find(search);
  }
  override async add(job: Parameters<MemoryJobStore['add']>[0]): Promise<void> {
    this.ask();
    return super.add(job);
  }
  override async getRuns(filter: Parameters<MemoryJobStore['getRuns']>[0]): ReturnType<MemoryJobStore['getRuns']> {
    this.ask();
    return super.getRuns(filter);
  }
  private ask(): void {
    if (this.isAway) throw new Error('connection refused');
  }
}

describe('While a job store is away', () => {
  let rest: RestApp;
  let store: Away;
  beforeEach(async () => {
    store = new Away();
    rest = await startRestApp('express', { options: { jobStores: { default: store } } });
    await rest.scheduler.addJob({ id: 'a', task: 'app:work', trigger: 'interval', minutes: 7 });
    store.isAway = true;
  });
  afterEach(() => rest.close());

  it.each([
    ['GET /scheduler/jobs'],
    ['GET /scheduler/jobs/a'],
    ['GET /scheduler/runs'],
    ['POST /scheduler/jobs/a/run'],
    ['POST /scheduler/jobs', { id: 'b', func: 'app:work', trigger: 'interval', minutes: 1 }],
  ])('%s answers 503 and says which, and why', async (target, json?: unknown) => {
    const answer = await rest.send(target, json === undefined ? {} : { json });
    expect(answer.status).toBe(503);
    expect(answer.json).toEqual({ error_message: 'Job store "default" failed: connection refused' });
  });

  it('what needs no store answers as ever, and all does once it is back', async () => {
    expect((await rest.send('GET /scheduler')).status).toBe(200);
    store.isAway = false;
    expect((await rest.send('GET /scheduler/jobs/a')).status).toBe(200);
    expect((await rest.send('GET /scheduler/jobs/b')).status).toBe(404);
  });
});
