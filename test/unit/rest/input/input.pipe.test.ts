import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { describe, expect, it } from 'vitest';
import {
  AddJobDto,
  ExclusionDto,
  JobRunQueryDto,
  NestedTriggerDto,
  PreviewDto,
  PreviewQueryDto,
  RetryDto,
  RunJobDto,
  RunJobQueryDto,
  SeededJitterDto,
  UpdateJobDto,
} from '../../../../lib/rest/dto/index.js';
import { InputPipe } from '../../../../lib/rest/input/input.pipe.js';
import { fromDto } from '../../../../lib/rest/wire/case.js';

const JOB = { id: 'a', func: 'work' };
const CRON = { trigger: 'cron', hour: 3 };

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};
const add = (members: object): AddJobDto => new InputPipe(AddJobDto).transform({ ...JOB, ...members });
const refusal = (members: object): string => messageOf(() => add(members));

describe('a DTO made by the pipe', () => {
  it('has instances of the classes of nested members', () => {
    const dto = add({
      trigger: 'except',
      base: { type: 'or', triggers: [CRON] },
      except: ['2030-01-01', { from: '2030-01-02', to: '2030-01-03' }, CRON],
      jitter: { max: '1m', seed: 'id' },
      retry: { attempts: 2 },
    });
    expect(dto).toBeInstanceOf(AddJobDto);
    expect(dto.base).toBeInstanceOf(NestedTriggerDto);
    expect(dto.base?.triggers?.[0]).toBeInstanceOf(NestedTriggerDto);
    expect(dto.except).toEqual(['2030-01-01', expect.any(ExclusionDto), expect.any(ExclusionDto)]);
    expect(dto.jitter).toBeInstanceOf(SeededJitterDto);
    expect(dto.retry).toBeInstanceOf(RetryDto);
  });

  it('has numbers, lists and booleans for the text of a query', () => {
    expect(new InputPipe(PreviewQueryDto).transform({ count: '25' })).toMatchObject({ count: 25 });
    const query = { state: ['failed,missed', 'succeeded'], limit: '7' };
    const states = ['failed', 'missed', 'succeeded'];
    expect(new InputPipe(JobRunQueryDto).transform(query)).toMatchObject({ state: states, limit: 7 });
    expect(new InputPipe(RunJobQueryDto).transform({ wait: 'false' })).toMatchObject({ wait: false });
  });

  it('has the arguments of a task as they came, whatever their members are called', () => {
    const kwargs = { constructor: 1, toString: { constructor: null }, then: 2, hasOwnProperty: [{}] };
    const args = [kwargs, [{ constructor: 'x' }]];
    const dto = add({ args, kwargs });
    expect([dto.args, dto.kwargs]).toEqual([args, kwargs]);
    expect(dto.kwargs).toBe(kwargs);
    expect(new InputPipe(RunJobDto).transform({ kwargs }).kwargs).toBe(kwargs);
  });

  it('has neither what only responses have, nor null where that means nothing', () => {
    const dto = add({ last_run: { result: [[[1]]] }, waiting_for: 'x', name: '', args: null, ...CRON, minute: null });
    expect(Object.keys(JSON.parse(JSON.stringify(dto)) as object).toSorted()).toEqual([
      'func',
      'hour',
      'id',
      'trigger',
    ]);
    expect(messageOf(() => new InputPipe(UpdateJobDto).transform({ minute: null }))).toMatch(/minute must be/);
    expect(new InputPipe(UpdateJobDto).transform({ ...CRON, minute: null }).minute).toBeUndefined();
  });

  it.each<[string, new () => object, object]>([
    ['a job', AddJobDto, { ...JOB, ...CRON, retry: 3, jitter: '5s', timeout: null, next_run_time: null }],
    ['a change', UpdateJobDto, { retry: { attempts: 2, delay: 5 }, jitter: { max: 5, seed: 'id' } }],
    ['a preview', PreviewDto, { trigger: 'and', triggers: [CRON, { type: 'interval', days: 1 }], count: 3 }],
  ])('is valid to class-validator alone, too: %s', (_, type, plain) => {
    expect(validateSync(plainToInstance(type, plain), { whitelist: true, forbidNonWhitelisted: true })).toEqual([]);
    expect(validateSync(plainToInstance(type, { ...plain, jitter: [] }))).toMatchObject([{ property: 'jitter' }]);
  });
});

describe('the pipe', () => {
  it('names every fault by its path, and shows values as they were sent', () => {
    const message = refusal({
      foo: 1,
      trigger: 'or',
      triggers: [{ ...CRON, dayOfWeek: 'x' }, { hour: 1.5 }, {}],
      base: { base: { jitter: {} } },
      except: [{ from: 5 }],
      retry: { attempts: 0, maxDelay: 5 },
      minutes: { a: 1 },
    });
    expect(refusal({ triggers: 'x' })).toContain('triggers must be an array of triggers, got "x"');
    expect(refusal({ except: {} })).toContain(
      'except must be an array of triggers, days, dates and { from, to }, got {}',
    );
    expect(refusal({ triggers: Array.from({ length: 1001 }, () => CRON) })).toContain('must have at most 1000 members');
    expect(message.replace('Invalid request: ', '').split('; ').toSorted()).toEqual(
      [
        'foo is not known here',
        'triggers[0].dayOfWeek is not known here',
        'did you mean day_of_week?',
        'triggers[1].hour must be a whole number or a cron expression, got 1.5',
        'base.base.jitter.max is missing',
        'base.base.jitter.seed is missing',
        'except[0].from must be an ISO 8601 date, got 5',
        'except[0].to is missing',
        'retry.attempts must be a whole number of at least 1, got 0',
        'retry.maxDelay is not known here',
        'did you mean max_delay?',
        'minutes must be a number, got { a: 1 }',
      ].toSorted(),
    );
  });

  it('refuses members that are called like those of every object, at any depth', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']) {
      const stranger = { [name]: 1 };
      expect(refusal(stranger)).toContain(`${name} is not known here`);
      expect(refusal({ minutes: stranger })).toContain(`minutes.${name} is not known here`);
      expect(refusal({ retry: { attempts: 2, ...stranger } })).toContain(`retry.${name} is not known here`);
      expect(refusal({ trigger: { type: 'cron', ...stranger } })).toContain(`trigger.${name} is not known here`);
      const triggers = [{ trigger: 'or', triggers: [stranger] }];
      expect(refusal({ trigger: 'or', triggers })).toContain(`triggers[0].triggers[0].${name} is not known here`);
    }
    const proto = JSON.parse('{"__proto__":{"polluted":1}}') as object;
    for (const name of ['args', 'kwargs', 'retry', 'minutes', 'base']) {
      expect(refusal({ [name]: { a: [proto] } })).toContain(`${name} holds a member that is called __proto__`);
    }
  });

  it('shows the engine nothing of unknown members, which it may have under that name', () => {
    let retry: unknown;
    const pipe = new InputPipe(AddJobDto, { checkByEngine: (dto) => (retry = fromDto(dto.retry)) });
    expect(messageOf(() => pipe.transform({ ...JOB, retry: { attempts: 2, maxDelay: 5 } }))).toContain(
      'retry.maxDelay',
    );
    expect(retry).toEqual({ attempts: 2 });
  });

  it('names an option that is given in the trigger and beside it', () => {
    expect(refusal({ trigger: { type: 'cron', hour: 3 }, hour: 4 })).toContain(
      'trigger.hour is given twice: here and as hour',
    );
  });

  it('refuses what class-transformer or class-validator would take long for', () => {
    const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, 1]));
    expect(refusal({ retry: many(101) })).toContain('retry holds an object of more than 100 members');
    expect(refusal({ kwargs: many(101) })).toBe('accepted');
    const lists = Array.from({ length: 3 }, () => ({ type: 'or', triggers: Array.from({ length: 700 }, () => CRON) }));
    expect(refusal({ trigger: 'or', triggers: lists })).toContain('triggers holds more than 2000 objects');
    expect(refusal({ args: Array.from({ length: 3000 }, () => ({})) })).toBe('accepted');
    let deep: unknown = 1;
    for (let level = 0; level < 65; level++) deep = [deep];
    for (const name of ['args', 'kwargs', 'triggers', 'seconds']) {
      expect(refusal({ [name]: deep })).toContain(`${name} is nested more than 64 levels deep`);
    }
  });
});
