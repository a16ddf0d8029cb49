import { Module } from '@nestjs/common';
import { SchedulerModule } from 'nestjs-apscheduler';
import { Mailer } from './mailer.js';
import { ReportsService } from './reports.service.js';

/** It knows nothing of tests: they put a clock of their own, and a mailer, in the place of the real ones. */
@Module({
  imports: [SchedulerModule.forRoot({ timezone: 'Europe/Berlin' })],
  providers: [Mailer, ReportsService],
})
export class AppModule {}
