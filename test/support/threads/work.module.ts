/* Tasks of all kinds for worker threads; the same module stands in the main thread. */
import 'reflect-metadata';
import { isMainThread, threadId } from 'node:worker_threads';
import { Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { type RunContext, ScheduledTask, SchedulerModule, SchedulerService, Task } from 'nestjs-apscheduler';

@Injectable()
export class Greeter {
  greet(whom: string): string {
    return `Hello, ${whom}!`;
  }
}

const forever = (): Promise<never> => new Promise(() => undefined);
let applications = 0;

@Injectable()
export class WorkService implements OnModuleDestroy {
  constructor(
    private readonly greeter: Greeter,
    private readonly scheduler: SchedulerService,
  ) {
    applications++;
  }

  onModuleDestroy(): void {
    if (!isMainThread) console.log(`thread ${threadId} closes`);
  }

  @ScheduledTask('interval', { id: 'tick', hours: 1, executor: 'cpu', taskName: 'where' })
  where() {
    return { isMainThread, threadId, applications, isRunning: this.scheduler.running };
  }

  @Task('greet')
  greet(whom: string): string {
    return this.greeter.greet(whom);
  }

  /** Blocks its thread for good. */
  @Task('spin')
  spin({ log }: RunContext): void {
    log('spins');
    for (let rounds = 0; ; rounds++) if (rounds < 0) return;
  }

  /** Writes much, and never lets go. */
  @Task('chatter')
  chatter(lines: number, { log, progress }: RunContext): number {
    for (let line = 1; line <= lines; line++) {
      log(`line ${line}`);
      progress(line / lines);
    }
    return lines;
  }

  @Task('exit')
  exit(code: number): void {
    process.exit(code);
  }

  @Task('throw-later')
  throwLater(): Promise<never> {
    setTimeout(() => {
      throw new RangeError('thrown by a timer');
    });
    return forever();
  }

  @Task('reject-later')
  rejectLater(): Promise<never> {
    void Promise.reject(new RangeError('that nobody handles'));
    return forever();
  }

  @Task('hoard')
  hoard(): void {
    const all: unknown[] = [];
    for (;;) all.push(Array.from({ length: 10_000 }, (_, n) => ({ n })));
  }

  @Task('function')
  function() {
    return { call: () => 1 };
  }

  @Task('long')
  long(length: number): string {
    return 'x'.repeat(length);
  }

  @Task('date')
  date(): Date {
    return new Date(0);
  }

  @Task('add-job')
  addJob(): Promise<unknown> {
    return this.scheduler.addJob({ id: 'lost', task: 'greet' });
  }
}

@Module({ providers: [Greeter, WorkService] })
export class WorkModule {}

/** What threads start: the scheduler's module is imported as in any application. */
@Module({
  imports: [
    WorkModule,
    SchedulerModule.forRoot({
      // It would fail to open, and the job to be declared.
      jobStores: { default: { type: 'sql', url: 'sqlite:/nowhere/jobs.db' } },
      jobs: [{ id: 'no such task', task: 'none' }],
    }),
  ],
})
export class ThreadModule {}
