import { Injectable } from '@nestjs/common';
import { ManualClock, ScheduledTask, type SchedulerModuleOptions } from 'nestjs-apscheduler';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { describe, expect, it } from 'vitest';
import { createApp, START, type NestWorld } from '../../support/nest-app.js';
import { testDatabases } from '../../support/sql/test-databases.js';

const [, postgres] = await testDatabases();
const TIME = START + 60_000;

describe.runIf(postgres?.available)('In a rolling start of two applications on PostgreSQL', { timeout: 60_000 }, () => {
  it.each([
    ['is kept', {}],
    ['is not kept', { history: { perJob: 0, total: 0 } }],
  ])(
    'a declared job that has completed before the second one starts is not run again; history %s',
    async (_title, options) => {
      const url = (await postgres?.fresh()) ?? '';
      const clock = new ManualClock(START);
      const ran: string[] = [];

      const application = (name: string, more: SchedulerModuleOptions = {}): Promise<NestWorld> => {
        @Injectable()
        class Reports {
          @ScheduledTask('date', { id: 'date', runDate: TIME })
          once(): void {
            ran.push(`${name} date`);
          }

          @ScheduledTask('interval', { id: 'interval', hours: 1, startDate: TIME, endDate: TIME + 100 })
          last(): void {
            ran.push(`${name} interval`);
          }
        }
        const jobStores = { default: new SqlJobStore({ url, time: 'node' }) };
        return createApp({ providers: [Reports], options: { clock, jobStores, ...options, ...more } });
      };

      const first = await application('first');
      await first.app.init();
      const second = await application('second', { autoStart: false });
      await second.app.init();
      expect((await second.scheduler.getJobs()).map(({ id }) => id).toSorted()).toEqual(['date', 'interval']);
      await clock.advance(60_000);
      expect(ran.toSorted()).toEqual(['first date', 'first interval']);
      expect(await first.scheduler.getJobs()).toEqual([]);
      await second.scheduler.start();
      await clock.advance(120_000);
      expect(ran).toHaveLength(2);
      expect(await second.scheduler.getJobs()).toEqual([]);
      expect(second.logs).toContain(
        'log: Declared job "date" is not added to job store "default" again: it has completed',
      );
    },
  );
});
