import { Injectable } from '@nestjs/common';
import { ScheduledTask, Task, taskName, type JobDefinition, type RunContext } from 'nestjs-apscheduler';
import { expect, it } from 'vitest';
import { startApp } from '../../support/nest-app.js';

const calls: unknown[][] = [];

@Injectable()
class Invoices {
  @Task('send-invoice')
  send(customer: number, _run: RunContext): void {
    calls.push([customer]);
  }

  @Task()
  remind(options: { urgent: boolean }, _run: RunContext): void {
    calls.push([options]);
  }
}

const sendInvoice = taskName<(customer: number, run: RunContext) => void>('send-invoice');

it('are methods, bound methods, typed names and plain names, whose arguments are checked where they are known', async () => {
  const { app, clock, scheduler } = await startApp({ providers: [Invoices] });
  const invoices = app.get(Invoices);
  const definition: JobDefinition = { task: 'send-invoice', args: [6] };
  const numbers: number[] = [5];
  const kwargs: Record<string, unknown> = { urgent: false };
  await scheduler.addJob({ task: Invoices.prototype.send, args: [1], trigger: 'date' });
  await scheduler.addJob({ task: invoices.send, args: [2] });
  await scheduler.addJob({ task: sendInvoice, args: [3] });
  await scheduler.addJob({ func: 'send-invoice', args: [4] });
  await scheduler.addJob({ task: Invoices.prototype.send, args: numbers });
  await scheduler.addJob(definition);
  await scheduler.addJob({ ...definition, args: [7] });
  await scheduler.addJob({ task: Invoices.prototype.remind, kwargs: { urgent: true } });
  await scheduler.addJob({ task: Invoices.prototype.remind, kwargs });
  await scheduler.addJob({ task: (customer, run) => calls.push([customer, run.jobId]), args: [8], id: 'own' });
  await clock.advance(1);
  expect(calls).toHaveLength(10);
  expect(calls).toEqual(
    expect.arrayContaining([[1], [2], [3], [4], [5], [6], [7], [{ urgent: true }], [{ urgent: false }], [8, 'own']]),
  );
});

it('do not compile with arguments that their functions do not take', async () => {
  const { scheduler } = await startApp({ providers: [Invoices] });
  const paused = { nextRunTime: null } as const;
  const given = [
    // @ts-expect-error -- customer is a number
    scheduler.addJob({ ...paused, task: Invoices.prototype.send, args: ['1'] }),
    // @ts-expect-error -- by its typed name, too
    scheduler.addJob({ ...paused, task: sendInvoice, args: ['1'] }),
    // @ts-expect-error -- the context comes after all arguments
    scheduler.addJob({ ...paused, task: Invoices.prototype.send, args: [1, 2] }),
    // @ts-expect-error -- urgent is a boolean
    scheduler.addJob({ ...paused, task: Invoices.prototype.remind, kwargs: { urgent: 'yes' } }),
  ];
  // Types are all that there is to it: without a schema, a task may be given anything.
  await expect(Promise.all(given)).resolves.toHaveLength(4);
});

it('leave decorators alone whose kwargs have a type without members', () => {
  const kwargs: Record<string, unknown> = {};
  class Reports {
    @ScheduledTask('interval', { minutes: 1, kwargs })
    run(_options: { urgent?: boolean }): void {}
  }
  expect(Reports).toBeDefined();
});
