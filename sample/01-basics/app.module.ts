import { Module } from '@nestjs/common';
import { SchedulerModule } from 'nestjs-apscheduler';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { jobsFile } from '../jobs-file.js';
import { OutcomeListener } from './outcome.listener.js';
import { ReportsService } from './reports.service.js';

/** For trying out only: a real application takes them from its configuration, as the next sample does. */
export const credentials = { username: 'admin', password: 'secret' };

/** Keeps jobs and their history across restarts. */
export const file = jobsFile();

@Module({
  imports: [
    SchedulerModule.forRoot({
      jobStores: { default: new SqlJobStore({ url: `sqlite:${file}` }) },
      apiEnabled: true,
      auth: credentials,
    }),
  ],
  providers: [ReportsService, OutcomeListener],
})
export class AppModule {}
