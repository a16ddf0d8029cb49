import { describe, expect, it } from 'vitest';
import { parseJobChanges } from '../../../../lib/engine/jobs/job-input.js';
import { DateTrigger } from '../../../../lib/engine/triggers/date.trigger.js';
import { RetryDto, RunJobDto } from '../../../../lib/rest/dto/index.js';
import {
  fromDto,
  fromWireName,
  toWireMembers,
  toWireName,
  toWirePath,
  toWireText,
} from '../../../../lib/rest/wire/case.js';

const NAMES: readonly (readonly [typescript: string, wire: string])[] = [
  ['id', 'id'],
  ['task', 'func'],
  ['jobStore', 'jobstore'],
  ['replaceExisting', 'replace_existing'],
  ['misfireGraceTime', 'misfire_grace_time'],
  ['maxInstances', 'max_instances'],
  ['nextRunTime', 'next_run_time'],
  ['startDate', 'start_date'],
  ['dayOfWeek', 'day_of_week'],
];

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('the names of the wire', () => {
  it.each(NAMES)('spell %s as %s, there and back', (typescript, wire) => {
    expect(toWireName(typescript)).toBe(wire);
    expect(fromWireName(wire)).toBe(typescript);
  });

  it('reach into paths and messages', () => {
    expect(toWirePath('trigger.startDate')).toBe('trigger.start_date');
    expect(toWireText('must not be after endDate, got {"startDate":1}')).toBe(
      'must not be after end_date, got {"start_date":1}',
    );
    expect(toWireText(messageOf(() => new DateTrigger({ runDate: 'x' })))).toContain(
      'run_date must be an ISO 8601 date (2',
    );
    expect(toWireText('task is someStartDated')).toBe('task is someStartDated');
    const unknown = messageOf(() => parseJobChanges('a', { foo: 1 }));
    expect(toWireText(unknown)).toMatch(/foo is not known here; known are .*\bmax_instances\b.*\bfunc\b/);
    expect(toWireText('"x" is not known; known are jobStore, task')).toBe('"x" is not known; known are jobStore, task');
  });

  it('rename own members only', () => {
    expect(toWireMembers({ maxInstances: 2, task: 't' })).toEqual({ max_instances: 2, func: 't' });
  });

  it('are those of DTOs, and not of the data of tasks', () => {
    const dto = Object.assign(new RetryDto(), { attempts: 2, max_delay: 5 });
    expect(fromDto(dto)).toEqual({ attempts: 2, maxDelay: 5 });
    const kwargs = JSON.parse('{"max_delay":1,"__proto__":{"polluted":1}}') as Record<string, unknown>;
    const read = fromDto(Object.assign(new RunJobDto(), { args: [{ max_delay: 1 }], kwargs }));
    expect(read).toEqual({ args: [{ max_delay: 1 }], kwargs });
    expect(read).toHaveProperty('kwargs', kwargs);
  });
});
