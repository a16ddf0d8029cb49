/* A Nest application with the REST API, and a bare controller that answers the same JSON. */
import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MemoryJobStore, SchedulerModule, SchedulerService } from '../dist/index.js';
import { SqlJobStore } from '../dist/stores/sql/index.js';
import { serve } from '../support/own-process.mjs';

const AT_ONCE = 10_000;
const TAGS = 100;

class BareController {
  answers = {};

  one() {
    return this.answers.one;
  }

  thousand() {
    return this.answers.thousand;
  }
}
for (const name of ['one', 'thousand']) {
  Get(name)(BareController.prototype, name, Object.getOwnPropertyDescriptor(BareController.prototype, name));
}
Controller('bare')(BareController);

let app;
let port;
const delay = monitorEventLoopDelay({ resolution: 1 });
let cpu = process.cpuUsage();

serve({
  async open({ store, jobs }) {
    class App {}
    const jobStore = store === 'memory' ? new MemoryJobStore() : new SqlJobStore({ url: store });
    const scheduler = SchedulerModule.forRoot({ apiEnabled: true, auth: false, jobStores: { default: jobStore } });
    Module({ imports: [scheduler], controllers: [BareController] })(App);
    app = await NestFactory.create(App, { logger: ['error'] });
    const service = app.get(SchedulerService);
    service.registerTask('app:work', () => undefined);
    await app.listen(0, '127.0.0.1');
    port = app.getHttpServer().address().port;
    for (let from = 0; from < jobs; from += AT_ONCE) {
      await service.addJobs(Array.from({ length: Math.min(AT_ONCE, jobs - from) }, (_, n) => jobOf(from + n, jobs)));
    }
    const url = `http://127.0.0.1:${port}/scheduler/jobs`;
    const [one, page] = await Promise.all([fetch(`${url}/${idOf(0)}`), fetch(`${url}?limit=1000`)]);
    app.get(BareController).answers = { one: await one.json(), thousand: (await page.json()).jobs };
    return port;
  },
  begin() {
    delay.enable();
    delay.reset();
    cpu = process.cpuUsage();
  },
  /** What has been used since `begin`. */
  end() {
    delay.disable();
    const { system, user } = process.cpuUsage(cpu);
    return { cpuMs: (user + system) / 1000, longestMs: delay.max / 1e6 };
  },
});

const idOf = (n) => `job-${String(n).padStart(7, '0')}`;

function jobOf(n, jobs) {
  return {
    id: idOf(n),
    name: `Invoice ${(n * 7919) % jobs}`,
    task: 'app:work',
    args: [n],
    kwargs: { customer: n },
    trigger: 'interval',
    hours: 24 + (n % 100),
    tags: [`tag-${n % TAGS}`],
  };
}
