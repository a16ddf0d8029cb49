import { Injectable, Logger } from '@nestjs/common';
import { type RunContext, ScheduledTask, Task } from 'nestjs-apscheduler';

@Injectable()
export class ReportsService {
  private readonly logger = new Logger(ReportsService.name);
  private beats = 0;

  /** Every five seconds. */
  @ScheduledTask('interval', { id: 'heartbeat', seconds: 5 })
  heartbeat(): number {
    return ++this.beats;
  }

  /** On working days at nine in Berlin, wherever the server is. */
  @ScheduledTask('cron', '0 9 * * 1-5', { id: 'report', timezone: 'Europe/Berlin' })
  async report(run: RunContext): Promise<string> {
    this.logger.log(`Writing the report of ${new Date(run.scheduledTime).toISOString()}`);
    return `${this.beats} heartbeats`;
  }

  /** The last Friday of each month, in APScheduler's fields. */
  @ScheduledTask('cron', { id: 'closing', day: 'last fri', hour: 18 })
  closing(): void {
    this.logger.log('Closing the month');
  }

  /** Once, when the application has started. */
  @ScheduledTask('date', { id: 'warm-up' })
  warmUp(): void {
    this.logger.log('Warming up');
  }

  /** Not scheduled: jobs added at run time name it. */
  @Task('greet')
  greet(name: string): void {
    this.logger.log(`Hello, ${name}!`);
  }
}
