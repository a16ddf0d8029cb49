/* A Nest application with the REST API and the dashboard, whose jobs each run every second. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryJobStore, SchedulerModule, SchedulerService } from '../dist/index.js';
import { SqlJobStore } from '../dist/stores/sql/index.js';
import { serve } from '../support/own-process.mjs';

const AT_ONCE = 10_000;

let app;
let service;
let runs = 0;
let before = { runs: 0, cpu: process.cpuUsage() };

serve({
  async open({ store, jobs }) {
    class App {}
    const jobStore = store === 'memory' ? new MemoryJobStore() : new SqlJobStore({ url: store });
    const scheduler = SchedulerModule.forRoot({
      ...{ apiEnabled: true, auth: false, dashboard: true },
      jobStores: { default: jobStore },
    });
    Module({ imports: [scheduler] })(App);
    app = await NestFactory.create(App, { logger: ['error'] });
    service = app.get(SchedulerService);
    service.registerTask('work', () => void runs++);
    await app.listen(0, '127.0.0.1');
    for (let from = 0; from < jobs; from += AT_ONCE) {
      const part = Array.from({ length: Math.min(AT_ONCE, jobs - from) }, (_, n) => ({
        id: `job-${from + n}`,
        task: 'work',
        trigger: 'interval',
        seconds: 1,
        // Spread over the second, as jobs are that were added over time.
        startDate: new Date(Date.now() + 1000 + Math.floor((1000 * (from + n)) / jobs)),
      }));
      await service.addJobs(part);
    }
    return app.getHttpServer().address().port;
  },
  /** Runs a job by hand; when the run began is in epoch milliseconds. */
  async runNow(id) {
    const { id: runId, startedAt } = await service.runJob(id, { wait: false });
    return { id: runId, startedAt };
  },
  begin() {
    before = { runs, cpu: process.cpuUsage() };
  },
  /** What has been used since `begin`. */
  end() {
    const { system, user } = process.cpuUsage(before.cpu);
    return { cpuMs: (user + system) / 1000, runs: runs - before.runs };
  },
});
