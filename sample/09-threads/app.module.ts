import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, Logger, Module } from '@nestjs/common';
import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  OnSchedulerEvent,
  SchedulerModule,
  type JobErrorEvent,
  type JobExecutedEvent,
} from 'nestjs-apscheduler';
import { threadExecutor } from 'nestjs-apscheduler/threads';
import { PrimesModule } from './primes.module.js';

/** Logs how runs end, and how long the main thread stood still meanwhile. */
@Injectable()
class OutcomeListener {
  private readonly logger = new Logger('main thread');
  private readonly pauses = monitorEventLoopDelay({ resolution: 1 });

  constructor() {
    this.pauses.enable();
  }

  @OnSchedulerEvent(EVENT_JOB_EXECUTED)
  executed({ jobId, returnValue }: JobExecutedEvent): void {
    this.logger.log(`${jobId}: ${String(returnValue)} (p99 of the event loop's delay: ${this.delay()})`);
  }

  @OnSchedulerEvent(EVENT_JOB_ERROR)
  failed({ jobId, exception }: JobErrorEvent): void {
    this.logger.warn(`${jobId}: ${String(exception)} (p99 of the event loop's delay: ${this.delay()})`);
  }

  private delay(): string {
    return `${(this.pauses.percentile(99) / 1e6).toFixed(1)} ms`;
  }
}

@Module({
  imports: [
    PrimesModule,
    SchedulerModule.forRoot({
      executors: { cpu: threadExecutor({ worker: new URL('./primes.worker.js', import.meta.url), threads: 2 }) },
    }),
  ],
  providers: [OutcomeListener],
})
export class AppModule {}
