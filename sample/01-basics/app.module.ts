import { Module } from '@nestjs/common';
import { SchedulerModule } from 'nestjs-apscheduler';
import { OutcomeListener } from './outcome.listener.js';
import { ReportsService } from './reports.service.js';

/** For trying out only: a real application takes them from its configuration, as the next sample does. */
export const credentials = { username: 'admin', password: 'secret' };

@Module({
  imports: [SchedulerModule.forRoot({ apiEnabled: true, auth: credentials })],
  providers: [ReportsService, OutcomeListener],
})
export class AppModule {}
