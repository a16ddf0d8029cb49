import { Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, IsString, MaxLength, Min, ValidateNested } from 'class-validator';
import {
  argumentSchema,
  EVENT_JOB_ERROR,
  InvalidArgumentsError,
  InvalidInputError,
  ScheduledTask,
  Secret,
  Task,
  type JobErrorEvent,
  type RunContext,
} from 'nestjs-apscheduler';
import { afterEach, describe, expect, it } from 'vitest';
import { startFailure } from '../../support/nest-app.js';
import { PLATFORMS, startRestApp, type Platform, type RestApp } from '../../support/rest-app.js';

class Address {
  @IsString() @MaxLength(10) streetName!: string;
}

class InvoiceArgs {
  @IsInt() @Min(1) customerId!: number;
  @Secret() @IsOptional() @IsString() apiKey?: string;
  @IsOptional() @IsDate() @Type(() => Date) dueDate?: Date;
  @IsOptional() @ValidateNested() @Type(() => Address) address?: Address;
}

const calls: unknown[][] = [];

@Injectable()
class Invoices {
  @Task('send-invoice', { description: 'Sends an invoice by mail', args: InvoiceArgs })
  @ScheduledTask('interval', { id: 'monthly', days: 30, taskName: 'send-monthly', kwargs: { customerId: 7 } })
  send(args: InvoiceArgs, run: RunContext): string {
    calls.push([args, run.jobId]);
    return 'sent';
  }

  @Task('internal', { rest: false, args: InvoiceArgs })
  internal(_args: InvoiceArgs): void {}
}

let rest: RestApp;
const start = async (platform: Platform = 'express'): Promise<void> => {
  calls.length = 0;
  rest = await startRestApp(platform, { providers: [Invoices] });
};
afterEach(() => rest.close());

const add = (id: string, given: object): ReturnType<RestApp['send']> =>
  rest.send('POST /scheduler/jobs', {
    json: { id, func: 'send-invoice', trigger: 'interval', hours: 1, ...given },
  });

describe('GET /tasks', () => {
  it.each(PLATFORMS)(
    'lists what jobs may name over REST, with descriptions and argument schemas: %s',
    async (platform) => {
      await start(platform);
      const { status, json } = await rest.send('GET /scheduler/tasks');
      expect(status).toBe(200);
      const schema = {
        type: 'object',
        properties: {
          customerId: { type: 'integer', minimum: 1 },
          apiKey: { type: 'string', writeOnly: true, 'x-secret': true },
          dueDate: { type: 'string', format: 'date-time' },
          address: { type: 'object', properties: { streetName: { type: 'string', maxLength: 10 } } },
        },
        required: ['customerId'],
        additionalProperties: false,
      };
      const description = 'Sends an invoice by mail';
      expect(json).toMatchObject([
        { func: 'app:work', description: null, argument_schema: null },
        { func: 'send-invoice', description, argument_schema: schema },
        { func: 'send-monthly', description, argument_schema: schema },
      ]);
      expect(json).toHaveLength(3);
    },
  );
});

describe('A task that says what it takes', () => {
  it('is called with an instance of the class, and the context', async () => {
    await start();
    const given = { customerId: 3, dueDate: '2030-01-01T00:00:00Z', address: { streetName: 'Elm' } };
    expect(await add('one', { kwargs: given })).toMatchObject({ status: 200, json: { kwargs: given } });
    expect((await rest.send('POST /scheduler/jobs/one/run')).status).toBe(200);
    const [[args, jobId]] = calls as [[InvoiceArgs, string]];
    expect(args).toBeInstanceOf(InvoiceArgs);
    expect(args.dueDate).toEqual(new Date('2030-01-01T00:00:00Z'));
    expect(args.address).toBeInstanceOf(Address);
    expect(jobId).toBe('one');
    // The job keeps what it was given.
    expect(await rest.scheduler.getJob('one')).toMatchObject({ kwargs: given });
  });

  it.each<[given: object, message: string]>([
    [{}, 'kwargs.customerId must '],
    [{ kwargs: { customerId: 'x' } }, 'kwargs.customerId must not be less than 1 and must be an integer number'],
    [{ kwargs: { customerId: 0 } }, 'kwargs.customerId must not be less than 1'],
    [{ kwargs: { customerId: 1, colour: 'red' } }, 'kwargs.colour is not known here'],
    [
      { kwargs: { customerId: 1, address: { streetName: 'x'.repeat(11) } } },
      'kwargs.address.streetName must be shorter',
    ],
    [{ args: [5], kwargs: { customerId: 1 } }, 'args must be empty: task "send-invoice" takes kwargs'],
  ])('refuses a job with other arguments, naming the field: %j', async (given, message) => {
    await start();
    const { status, json } = await add('bad', given);
    expect([status, json]).toEqual([400, { error_message: expect.stringContaining(message) as unknown }]);
    expect(await rest.scheduler.getJob('bad')).toBeUndefined();
  });

  it('repeats no value of a secret member', async () => {
    await start();
    const { status, text } = await add('bad', { kwargs: { customerId: 1, apiKey: ['hunter2'] } });
    expect(status).toBe(400);
    expect(text).toContain('kwargs.apiKey must be a string');
    expect(text).not.toContain('hunter2');
  });

  it('refuses changes, another task, arguments of one run, and imports; and nothing has changed', async () => {
    await start();
    await add('one', { kwargs: { customerId: 1 } });
    await rest.scheduler.addJob({ id: 'plain', task: 'app:work', args: [1], trigger: 'interval', hours: 1 });
    const before = (await rest.send('GET /scheduler/jobs')).json;
    const bad = { kwargs: { customerId: -1 } };
    for (const [target, json, message] of [
      ['PATCH /scheduler/jobs/one', bad, 'kwargs.customerId must not be less than 1'],
      ['PATCH /scheduler/jobs/plain', { func: 'send-invoice' }, 'args must be empty'],
      ['POST /scheduler/jobs/one/run', bad, 'kwargs.customerId must not be less than 1'],
    ] as const) {
      const answer = await rest.send(target, { json });
      expect([answer.status, answer.json]).toEqual([
        400,
        { error_message: expect.stringContaining(message) as unknown },
      ]);
    }
    const text = (await rest.scheduler.exportJobs()).replaceAll('"customerId": 1', '"customerId": 0');
    await expect(rest.scheduler.importJobs(text, { replaceExisting: true })).rejects.toThrow(
      /jobs\[\d\]\.kwargs\.customerId must not be less than 1/,
    );
    expect((await rest.send('GET /scheduler/jobs')).json).toEqual(before);
    expect(calls).toEqual([]);
  });

  it('fails a run whose stored arguments it does not take, and does not retry it', async () => {
    await start();
    const { clock, scheduler } = rest;
    const errors: JobErrorEvent[] = [];
    scheduler.addListener((event) => errors.push(event as JobErrorEvent), EVENT_JOB_ERROR);
    const job = { id: 'early', task: 'late', trigger: 'date', kwargs: { customerId: 'x' }, retry: 3 } as const;
    await scheduler.shutdown();
    // Added before its task is registered: nothing is known of its arguments then.
    await scheduler.addJob(job);
    scheduler.registerTask('late', (args: unknown) => calls.push([args]), { args: await argumentSchema(InvoiceArgs) });
    await scheduler.start();
    await clock.advance('1h');
    const { runs } = await scheduler.getRuns({ jobId: 'early' });
    expect(runs).toMatchObject([{ state: 'failed', attempt: 1 }]);
    expect(errors.map(({ exception }) => exception)).toEqual([expect.any(InvalidArgumentsError)]);
    expect(String(errors[0]?.exception)).toContain('Invalid arguments of task "late": kwargs.customerId must');
    expect(calls).toEqual([]);
  });

  it('is refused where its options cannot be understood', async () => {
    await start();
    const register = (options: object) => () => rest.scheduler.registerTask('t', () => 1, options);
    expect(register({ args: InvoiceArgs })).toThrow('args of task "t" must be a schema: await argumentSchema(Class)');
    expect(register({ description: 5 })).toThrow(
      'description of task "t" must be text of at most 1000 characters, got 5',
    );
    class Empty {}
    await expect(argumentSchema(Empty)).rejects.toThrow(InvalidInputError);
    const task = Task as unknown as (name: string, options: object) => MethodDecorator;
    @Injectable()
    class Wrong {
      @task('a', { args: Empty })
      empty(): void {}

      @task('b', { args: { customerId: 'number' } })
      noClass(): void {}
    }
    const { message } = await startFailure({ providers: [Wrong] });
    expect(message).toContain('Wrong.empty: ');
    expect(message).toContain('Empty has none');
    expect(message).toContain('Wrong.noClass: @Task needs args to be a class');
  });

  it('compiles only with methods that take the class', () => {
    class Typed {
      @Task('a', { args: InvoiceArgs })
      right({ customerId }: InvoiceArgs): number {
        return customerId;
      }

      // @ts-expect-error -- another class
      @Task('b', { args: InvoiceArgs })
      wrong(_args: Address): void {}

      @Task('c', { description: 'any' })
      any(_first: string, _second: number): void {}
    }
    expect(Typed).toBeDefined();
  });
});
