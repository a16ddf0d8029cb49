import { Inject, Injectable, Module, type DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type Clock, ConfigurationError, ScheduledTask, SchedulerModule, SystemClock } from 'nestjs-apscheduler';
import { ManualClock, SCHEDULER_CLOCK } from 'nestjs-apscheduler/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Counts minutes by the scheduler's clock. */
@Injectable()
class Counter {
  readonly times: number[] = [];

  constructor(@Inject(SCHEDULER_CLOCK) readonly clock: Clock) {}

  @ScheduledTask('interval', { minutes: 1 })
  count(): void {
    this.times.push(this.clock.now());
  }
}

@Module({ providers: [Counter] })
class CounterModule {}

/** An application without any code for tests. */
function appModule(...imports: DynamicModule[]): new () => object {
  @Module({ imports: [...imports, CounterModule] })
  class AppModule {}
  return AppModule;
}

const APPLICATIONS: readonly (readonly [string, new () => object])[] = [
  ['forRoot', appModule(SchedulerModule.forRoot({ timezone: 'UTC' }))],
  ['forRoot with a clock', appModule(SchedulerModule.forRoot({ clock: new SystemClock() }))],
  ['forRootAsync', appModule(SchedulerModule.forRootAsync({ useFactory: async () => ({ timezone: 'UTC' }) }))],
  ['forRoot, twice', appModule(SchedulerModule.forRoot(), SchedulerModule.forRoot())],
];

describe('overrideProvider(SCHEDULER_CLOCK), in an application that imports SchedulerModule', () => {
  it.each(APPLICATIONS)('by %s, puts the whole application on a manual clock', async (_, AppModule) => {
    const clock = new ManualClock('2030-01-01');
    const app = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(SCHEDULER_CLOCK)
      .useValue(clock)
      .compile();
    onTestFinished(() => app.close());
    await app.init();
    const start = Date.UTC(2030, 0, 1);
    await clock.advance('3m');
    expect(app.get(Counter).times).toEqual([1, 2, 3].map((minute) => start + minute * 60_000));
    await app.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects a value that is not a clock', async () => {
    const [, [, AppModule]] = APPLICATIONS as [unknown, [string, new () => object]];
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const compiled = builder.overrideProvider(SCHEDULER_CLOCK).useValue('2030-01-01').compile();
    await expect(compiled).rejects.toThrow(ConfigurationError);
    await expect(compiled).rejects.toThrow('clock must be a clock, got "2030-01-01"');
  });
});

describe('SCHEDULER_CLOCK', () => {
  it('is the computer’s clock unless the options name one', async () => {
    const app = await Test.createTestingModule({ imports: [appModule(SchedulerModule.forRoot())] }).compile();
    onTestFinished(() => app.close());
    expect(app.get(SCHEDULER_CLOCK)).toBeInstanceOf(SystemClock);
  });
});
