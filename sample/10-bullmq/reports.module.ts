import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { type RunContext, ScheduledTask } from 'nestjs-apscheduler';

/** Work for other processes. */
@Injectable()
export class ReportsService {
  @ScheduledTask('interval', { id: 'report', seconds: 3, runOnStart: true, executor: 'heavy', args: ['sales'] })
  async build(name: string, run: RunContext): Promise<string> {
    for (let part = 1; part <= 4; part++) {
      await wait(250);
      run.progress(part / 4);
    }
    return `the report of ${name} is built in process ${process.pid}`;
  }
}

/** Stands in the scheduler, which declares its jobs, and in the workers, which carry them out. */
@Module({ providers: [ReportsService] })
export class ReportsModule {}
