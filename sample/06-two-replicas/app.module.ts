import { Injectable, Logger, Module } from '@nestjs/common';
import { type RunContext, ScheduledTask, SchedulerModule } from 'nestjs-apscheduler';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import { jobsFile } from '../jobs-file.js';

const replica = process.env.REPLICA ?? 'a';

@Injectable()
class TicksService {
  private readonly logger = new Logger(`replica ${replica}`);

  /** Each second ticks once, on one of the replicas. */
  @ScheduledTask('interval', { id: 'tick', seconds: 1 })
  tick({ scheduledTime }: RunContext): void {
    this.logger.log(`tick of ${new Date(scheduledTime).toISOString()}`);
  }
}

@Module({
  imports: [
    SchedulerModule.forRoot({
      jobStores: { default: new SqlJobStore({ url: `sqlite:${jobsFile()}` }) },
      node: replica,
    }),
  ],
  providers: [TicksService],
})
export class AppModule {}
