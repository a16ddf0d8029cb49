/* The tasks of `describeExecutor` in a worker thread. */
import 'reflect-metadata';
import { Module, type OnModuleInit } from '@nestjs/common';
import { SchedulerModule, SchedulerService } from 'nestjs-apscheduler';
import { EXECUTOR_TASKS } from 'nestjs-apscheduler/testing';
import { threadWorker } from 'nestjs-apscheduler/threads';

@Module({ imports: [SchedulerModule.forRoot()] })
class KitModule implements OnModuleInit {
  constructor(private readonly scheduler: SchedulerService) {}

  onModuleInit(): void {
    for (const [name, task] of Object.entries(EXECUTOR_TASKS)) this.scheduler.registerTask(name, task);
  }
}

export default threadWorker(KitModule);
