import 'reflect-metadata';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ConsoleLogger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { EVENT_JOB_ERROR, type SchedulerEvent, SchedulerService } from 'nestjs-apscheduler';
import { ManualClock, runTask, SCHEDULER_CLOCK } from 'nestjs-apscheduler/testing';
import { AppModule } from './app.module.js';
import { Mailer } from './mailer.js';
import { ReportsService } from './reports.service.js';

/** Collects the mail, and rejects it on some days. */
class FakeMailer {
  readonly sent: string[] = [];
  bouncesOn = '';

  async send(_to: string, text: string): Promise<void> {
    if (this.bouncesOn !== '' && text.includes(this.bouncesOn)) throw new Error('The mail bounced');
    this.sent.push(text);
  }
}

describe('The application', () => {
  let app: TestingModule;
  let clock: ManualClock;
  let mailer: FakeMailer;

  beforeEach(async () => {
    clock = new ManualClock('2030-01-07T00:00:00+01:00');
    mailer = new FakeMailer();
    app = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(SCHEDULER_CLOCK)
      .useValue(clock)
      .overrideProvider(Mailer)
      .useValue(mailer)
      .setLogger(new ConsoleLogger({ logLevels: [] }))
      .compile();
    await app.init();
  });

  afterEach(async () => {
    await app.close();
    assert.equal(clock.pendingTimers, 0);
  });

  it('mails a report each day at nine in Berlin', async () => {
    await clock.advance('3d');
    assert.deepEqual(mailer.sent, [
      'Report of 2030-01-07T08:00:00.000Z',
      'Report of 2030-01-08T08:00:00.000Z',
      'Report of 2030-01-09T08:00:00.000Z',
    ]);
  });

  it('continues after a mail that was rejected, and logs it', async () => {
    const errors: SchedulerEvent[] = [];
    app.get(SchedulerService).addListener((event) => errors.push(event), EVENT_JOB_ERROR);
    mailer.bouncesOn = '2030-01-08';
    await clock.advance('3d');
    assert.equal(mailer.sent.length, 2);
    assert.equal(errors.length, 1);
  });

  it('writes the report of a past day by hand', async () => {
    const scheduledTime = Date.UTC(2029, 11, 24);
    const report = await runTask(app, ReportsService.prototype.daily, { context: { scheduledTime } });
    assert.equal(report, 'Report of 2029-12-24T00:00:00.000Z');
    assert.deepEqual(mailer.sent, [report]);
  });

  it('throws what the task throws when it is run by hand', async () => {
    mailer.bouncesOn = 'Report';
    await assert.rejects(runTask(app, 'ReportsService:daily'), { message: 'The mail bounced' });
  });
});
