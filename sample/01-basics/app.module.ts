import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { SchedulerModule } from 'nestjs-apscheduler';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { jobsFile } from '../jobs-file.js';
import { OutcomeListener } from './outcome.listener.js';
import { ReportsService } from './reports.service.js';

/** Without SCHEDULER_PASSWORD, another password at each start. */
export const credentials = {
  username: 'admin',
  password: process.env['SCHEDULER_PASSWORD'] ?? randomBytes(12).toString('base64url'),
};

/** Keeps jobs and their history across restarts. */
export const file = jobsFile();

@Module({
  imports: [
    SchedulerModule.forRoot({
      jobStores: { default: new SqlJobStore({ url: `sqlite:${file}` }) },
      apiEnabled: true,
      auth: credentials,
      dashboard: true,
    }),
  ],
  providers: [ReportsService, OutcomeListener],
})
export class AppModule {}
