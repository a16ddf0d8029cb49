import { randomBytes } from 'node:crypto';
import { Injectable, Logger, Module } from '@nestjs/common';
import { type RunContext, ScheduledTask, SchedulerModule, Task } from 'nestjs-apscheduler';
import { SqlJobStore } from 'nestjs-apscheduler/sql';

/** Without SCHEDULER_PASSWORD, another password at each start. */
export const credentials = {
  username: 'admin',
  password: process.env['SCHEDULER_PASSWORD'] ?? randomBytes(12).toString('base64url'),
};

const { DATABASE_URL: url = 'postgres://postgres:postgres@localhost:5432/postgres', REPLICA: replica } = process.env;

@Injectable()
class TicksService {
  private readonly logger = new Logger(TicksService.name);

  /** Each second ticks once, on one of the replicas. */
  @ScheduledTask('interval', { id: 'tick', seconds: 1 })
  tick({ scheduledTime }: RunContext): void {
    this.logger.log(`tick of ${new Date(scheduledTime).toISOString()}`);
  }

  @Task('greet')
  greet(name: string): void {
    this.logger.log(`Hello, ${name}!`);
  }
}

@Module({
  imports: [
    SchedulerModule.forRoot({
      jobStores: { default: new SqlJobStore({ url }) },
      // The name in the records of runs. Default: the host name; in a container, that of the container.
      ...(replica !== undefined && { node: replica }),
      apiEnabled: true,
      auth: credentials,
    }),
  ],
  providers: [TicksService],
})
export class AppModule {}
