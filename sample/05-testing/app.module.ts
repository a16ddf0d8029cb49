import { Module } from '@nestjs/common';
import { SchedulerModule } from 'nestjs-apscheduler';
import { Mailer } from './mailer.js';
import { ReportsService } from './reports.service.js';

/** Contains nothing for tests: they override the clock and the mailer. */
@Module({
  imports: [SchedulerModule.forRoot({ timezone: 'Europe/Berlin' })],
  providers: [Mailer, ReportsService],
})
export class AppModule {}
