import { Injectable, Logger, Module } from '@nestjs/common';
import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  OnSchedulerEvent,
  SchedulerModule,
  type JobErrorEvent,
  type JobExecutedEvent,
} from 'nestjs-apscheduler';
import { bullmqExecutor } from 'nestjs-apscheduler/bullmq';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { ReportsModule } from './reports.module.js';

const { PREFIX: prefix = 'sample-10', REDIS_URL: url = '' } = process.env;

/** Logs how runs end. */
@Injectable()
class OutcomeListener {
  private readonly logger = new Logger('scheduler');

  @OnSchedulerEvent(EVENT_JOB_EXECUTED)
  executed({ jobId, returnValue }: JobExecutedEvent): void {
    this.logger.log(`${jobId}: ${String(returnValue)}`);
  }

  @OnSchedulerEvent(EVENT_JOB_ERROR)
  failed({ jobId, exception }: JobErrorEvent): void {
    this.logger.warn(`${jobId}: ${String(exception)}`);
  }
}

@Module({
  imports: [
    ReportsModule,
    SchedulerModule.forRoot({
      // Runs that are under way when this process ends are watched by the next one.
      jobStores: { default: new RedisJobStore({ url, keyPrefix: `${prefix}:jobs:` }) },
      executors: { heavy: bullmqExecutor({ queue: 'heavy', connection: url, prefix }) },
    }),
  ],
  providers: [OutcomeListener],
})
export class AppModule {}
