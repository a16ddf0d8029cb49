/* A module that works under compilers that write no types into the metadata of decorators. */
import 'reflect-metadata';
import { isMainThread } from 'node:worker_threads';
import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { currentRun, type RunContext, ScheduledTask } from 'nestjs-apscheduler';

@Injectable()
export class Words {
  readonly greeting = 'Hello';
}

@Injectable()
export class PlainService implements OnApplicationBootstrap, OnModuleDestroy {
  private started = false;

  constructor(@Inject(Words) private readonly words: Words) {}

  onApplicationBootstrap(): void {
    this.started = true;
  }

  onModuleDestroy(): void {
    if (!isMainThread) console.log('a thread closes');
  }

  @ScheduledTask('interval', { id: 'greet', hours: 1, executor: 'cpu', args: ['world'] })
  greet(whom: string, { log }: RunContext) {
    log('greets');
    return { text: `${this.words.greeting}, ${whom}!`, isMainThread, started: this.started, run: currentRun()?.jobId };
  }
}

@Module({ providers: [Words, PlainService] })
export class PlainModule {}
