import { Injectable } from '@nestjs/common';
import { type RunContext, ScheduledTask } from 'nestjs-apscheduler';
import { Mailer } from './mailer.js';

@Injectable()
export class ReportsService {
  constructor(private readonly mailer: Mailer) {}

  /** Every day at nine. */
  @ScheduledTask('cron', '0 9 * * *', { id: 'daily' })
  async daily({ scheduledTime }: RunContext): Promise<string> {
    const report = `Report of ${new Date(scheduledTime).toISOString()}`;
    await this.mailer.send('team@example.org', report);
    return report;
  }
}
