import { Injectable, Logger } from '@nestjs/common';
import {
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  type JobErrorEvent,
  type JobExecutedEvent,
  type JobMissedEvent,
  OnSchedulerEvent,
} from 'nestjs-apscheduler';

/** Logs how each run ended. */
@Injectable()
export class OutcomeListener {
  private readonly logger = new Logger(OutcomeListener.name);

  @OnSchedulerEvent(EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_JOB_MISSED)
  onOutcome(event: JobExecutedEvent | JobErrorEvent | JobMissedEvent): void {
    switch (event.code) {
      case EVENT_JOB_EXECUTED:
        this.logger.log(`${event.jobId} ran and returned ${JSON.stringify(event.returnValue)}`);
        break;
      case EVENT_JOB_ERROR:
        this.logger.error(`${event.jobId} failed: ${String(event.exception)}`);
        break;
      case EVENT_JOB_MISSED:
        this.logger.warn(`${event.jobId} was not run: ${event.reason}`);
        break;
    }
  }
}
