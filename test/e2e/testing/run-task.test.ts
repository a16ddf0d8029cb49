import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { currentRun, EVENT_ALL, InvalidInputError, type RunContext, SchedulerService, Task } from 'nestjs-apscheduler';
import { ManualClock, runTask, SchedulerTestingModule } from 'nestjs-apscheduler/testing';
import { describe, expect, it, onTestFinished, vi, type Mock } from 'vitest';

class Mailer {
  async send(_to: string): Promise<string> {
    throw new Error('No test sends mail');
  }
}

@Injectable()
class ReportsService {
  constructor(@Inject(Mailer) private readonly mailer: Mailer) {}

  @Task()
  daily(to: string, _run: RunContext): Promise<string> {
    return this.mailer.send(to);
  }

  @Task('reports.echo')
  echo(...args: unknown[]): unknown[] {
    return args;
  }

  @Task()
  fail(error: unknown): never {
    throw error;
  }

  @Task()
  async current(run: RunContext): Promise<readonly [RunContext, RunContext | undefined]> {
    await Promise.resolve();
    return [run, currentRun()];
  }

  undecorated(): void {}
}

/** Request-scoped: there is one instance per run. */
@Injectable({ scope: Scope.REQUEST })
class ScopedService {
  constructor(@Inject(REQUEST) private readonly run: RunContext) {}

  @Task()
  jobId(): string {
    return this.run.jobId;
  }
}

const NOW = Date.UTC(2030, 0, 7);

async function compile(): Promise<{ app: TestingModule; mailer: { send: Mock<Mailer['send']> } }> {
  const mailer = { send: vi.fn<Mailer['send']>(async (to) => `sent to ${to}`) };
  const app = await Test.createTestingModule({
    imports: [SchedulerTestingModule.forRoot({ clock: new ManualClock(NOW) })],
    providers: [Mailer, ReportsService, ScopedService],
  })
    .overrideProvider(Mailer)
    .useValue(mailer)
    .compile();
  onTestFinished(() => app.close());
  return { app, mailer };
}

async function start(): ReturnType<typeof compile> {
  const world = await compile();
  await world.app.init();
  return world;
}

describe('runTask', () => {
  it('runs a task by its name, with the dependencies that the test has overridden', async () => {
    const { app, mailer } = await start();
    expect(await runTask(app, 'ReportsService:daily', { args: ['ann'] })).toBe('sent to ann');
    expect(mailer.send).toHaveBeenCalledExactlyOnceWith('ann');
  });

  it('runs a task by its method, and returns what the method returns', async () => {
    const { app } = await start();
    const sent: string = await runTask(app, ReportsService.prototype.daily, { args: ['ann'] });
    const again: string = await runTask(app, ReportsService, 'daily', { args: ['ann'] });
    expect(again).toBe(sent);
    expect(sent).toBe('sent to ann');
  });

  it('calls the task as a job does: with args, kwargs and the context of a run that starts now', async () => {
    const { app } = await start();
    const [first, second, context] = (await runTask(app, 'reports.echo', { args: [1], kwargs: { b: 2 } })) as unknown[];
    expect([first, second]).toEqual([1, { b: 2 }]);
    const { jobId, scheduledTime, attempt, signal, runId } = context as RunContext;
    expect({ jobId, scheduledTime, attempt }).toEqual({ jobId: 'reports.echo', scheduledTime: NOW, attempt: 1 });
    expect(signal.aborted).toBe(false);
    expect(runId).not.toBe('');
    expect(await runTask(app, 'reports.echo')).toHaveLength(1);
  });

  it('lets the test override members of the context', async () => {
    const { app } = await start();
    const signal = AbortSignal.abort();
    const [context] = (await runTask(app, 'reports.echo', { context: { scheduledTime: 5, signal } })) as [RunContext];
    expect(context.signal).toBe(signal);
    expect([context.scheduledTime, context.jobId]).toEqual([5, 'reports.echo']);
    expect(() => context.logger.debug('still there')).not.toThrow();
  });

  it('is the current run for all code that the task calls', async () => {
    const { app } = await start();
    expect(currentRun()).toBeUndefined();
    const [own, current] = await runTask(app, ReportsService.prototype.current);
    expect(current).toBe(own);
    expect(currentRun()).toBeUndefined();
  });

  it.each([new TypeError('out of paper'), 'out of paper', undefined])(
    'throws what the task threw: %o',
    async (thrown) => {
      const { app } = await start();
      const outcome = await runTask(app, 'ReportsService:fail', { args: [thrown] }).then(
        () => 'nothing thrown',
        (error: unknown) => ({ error }),
      );
      expect(outcome).toEqual({ error: thrown });
      expect((outcome as { error: unknown }).error).toBe(thrown);
    },
  );

  it('creates an instance for the run if the scope requires it', async () => {
    const { app } = await start();
    expect(await runTask(app, 'ScopedService:jobId', { context: { jobId: 'nightly' } })).toBe('nightly');
  });

  it('emits no event, and leaves no job behind', async () => {
    const { app } = await start();
    const scheduler = app.get(SchedulerService);
    const listener = vi.fn<() => void>();
    scheduler.addListener(listener, EVENT_ALL);
    await runTask(app, 'reports.echo');
    await expect(runTask(app, 'ReportsService:fail', { args: [new Error('no')] })).rejects.toThrow('no');
    expect(await scheduler.getJobs()).toEqual([]);
    expect(listener).not.toHaveBeenCalled();
  });

  it('suggests a similar task name, or lists the known ones', async () => {
    const { app } = await start();
    await expect(runTask(app, 'ReportService:daily')).rejects.toThrow(InvalidInputError);
    await expect(runTask(app, 'ReportService:daily')).rejects.toThrow('did you mean "ReportsService:daily"?');
    await expect(runTask(app, 'x')).rejects.toThrow('"x" is not registered; known are ReportsService:daily, ');
    await expect(runTask(app, ReportsService.prototype.undecorated)).rejects.toThrow(
      /undecorated\(\) is the method of no/,
    );
  });

  it('explains that the application is not initialised', async () => {
    const { app } = await compile();
    await expect(runTask(app, 'ReportsService:daily')).rejects.toThrow('await app.init() first');
  });
});
