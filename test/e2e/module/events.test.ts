import { Controller, Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  EVENT_ALL,
  EVENT_JOB_ADDED,
  EVENT_JOB_ERROR,
  EVENT_JOB_EXECUTED,
  EVENT_JOB_SUBMITTED,
  EVENT_SCHEDULER_SHUTDOWN,
  EVENT_SCHEDULER_STARTED,
  OnSchedulerEvent,
  ScheduledTask,
  type JobErrorEvent,
  type SchedulerEvent,
} from 'nestjs-apscheduler';
import { expect, it } from 'vitest';
import { startApp } from '../../support/nest-app.js';

const MINUTE = 60_000;

@Injectable()
class Work {
  @ScheduledTask('interval', { id: 'good', minutes: 1 })
  good(): string {
    return 'done';
  }

  @ScheduledTask('interval', { id: 'bad', minutes: 1 })
  bad(): never {
    throw new Error('disk full');
  }
}

it('calls a method with every event from the bootstrap to the shutdown', async () => {
  const codes: number[] = [];
  @Injectable()
  class Audit {
    @OnSchedulerEvent()
    note(event: SchedulerEvent): void {
      codes.push(event.code);
    }
  }
  const { app, clock } = await startApp({ providers: [Audit, Work] });
  await clock.advance(MINUTE);
  await app.close();
  expect(codes.slice(0, 3)).toEqual([EVENT_JOB_ADDED, EVENT_JOB_ADDED, EVENT_SCHEDULER_STARTED]);
  expect(new Set(codes.slice(3, -1))).toEqual(new Set([EVENT_JOB_SUBMITTED, EVENT_JOB_EXECUTED, EVENT_JOB_ERROR]));
  expect(codes.at(-1)).toBe(EVENT_SCHEDULER_SHUTDOWN);
  expect(codes).toHaveLength(8);
});

it('calls a method with the events of its mask, on its instance', async () => {
  @Injectable()
  class Alarm {
    readonly errors: unknown[] = [];
    readonly outcomes: string[] = [];

    @OnSchedulerEvent(EVENT_JOB_ERROR)
    onError(event: JobErrorEvent): void {
      this.errors.push([event.jobId, event.exception]);
    }

    @OnSchedulerEvent(EVENT_JOB_ERROR)
    @OnSchedulerEvent(EVENT_JOB_EXECUTED)
    onOutcome({ code }: SchedulerEvent): void {
      this.outcomes.push(code === EVENT_JOB_ERROR ? 'error' : 'executed');
    }
  }
  const { app, clock } = await startApp({ providers: [Alarm, Work] });
  await clock.advance(2 * MINUTE);
  expect(app.get(Alarm).errors).toEqual([
    ['bad', new Error('disk full')],
    ['bad', new Error('disk full')],
  ]);
  expect(app.get(Alarm).outcomes.sort()).toEqual(['error', 'error', 'executed', 'executed']);
});

it('is harmed neither by a listener that throws nor by one that rejects', async () => {
  let heard = 0;
  @Injectable()
  class Broken {
    @OnSchedulerEvent(EVENT_JOB_EXECUTED)
    throws(): void {
      throw new Error('listener down');
    }

    @OnSchedulerEvent(EVENT_JOB_EXECUTED)
    async rejects(): Promise<void> {
      await Promise.reject(new Error('listener away'));
    }
  }
  @Controller()
  class Sound {
    @OnSchedulerEvent(EVENT_JOB_EXECUTED)
    hear(): void {
      heard++;
    }
  }
  const { clock, logs } = await startApp({ providers: [Broken, Work], controllers: [Sound] });
  await clock.advance(3 * MINUTE);
  expect(heard).toBe(3);
  expect(logs.filter((line) => line.includes('listener down'))).toHaveLength(3);
  expect(logs.filter((line) => line.includes('listener away'))).toHaveLength(3);
});

it('makes a request-scoped listener anew for each event, which is its REQUEST', async () => {
  const heard: object[] = [];
  @Injectable({ scope: Scope.REQUEST })
  class Audit {
    constructor(@Inject(REQUEST) private readonly request: SchedulerEvent) {}

    @OnSchedulerEvent(EVENT_ALL - EVENT_JOB_ADDED)
    note(event: SchedulerEvent): void {
      expect(this.request).toBe(event);
      heard.push(this);
    }
  }
  const { clock } = await startApp({ providers: [Audit] });
  await clock.advance(0);
  expect(heard).toHaveLength(1);
});
