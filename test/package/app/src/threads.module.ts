import 'reflect-metadata';
import { isMainThread } from 'node:worker_threads';
import { Injectable, Module } from '@nestjs/common';
import { ScheduledTask } from 'nestjs-apscheduler';

@Injectable()
class Words {
  readonly greeting = 'Hello';
}

@Injectable()
class GreetingService {
  constructor(private readonly words: Words) {}

  @ScheduledTask('interval', { id: 'greet', hours: 1, executor: 'cpu', args: ['world'] })
  greet(name: string): string {
    return `${this.words.greeting}, ${name}, from ${isMainThread ? 'the main thread' : 'a worker thread'}!`;
  }
}

@Module({ providers: [Words, GreetingService] })
export class ThreadsModule {}
