import { describe, expect, it } from 'vitest';
import { changedMembers } from '../../../../lib/rest/dto/changed-members.js';

const CURRENT = {
  id: 'i1',
  name: 'n',
  args: [1],
  trigger: 'interval',
  start_date: '2030-01-01T00:00:00+00:00',
  minutes: 10,
  next_run_time: '2030-01-01T00:00:00+00:00',
  coalesce: true,
};

describe('changedMembers', () => {
  it('leaves nothing of what is as it was', () => {
    expect(changedMembers(structuredClone(CURRENT), CURRENT)).toEqual({});
  });

  it('keeps what differs, and only that', () => {
    expect(changedMembers({ ...CURRENT, name: 'other', args: [2] }, CURRENT)).toEqual({ name: 'other', args: [2] });
  });

  it('keeps what the job does not have', () => {
    expect(changedMembers({ foo: undefined, bar: 1 }, CURRENT)).toEqual({ bar: 1 });
  });

  it('keeps the whole schedule when one part of it differs', () => {
    const { trigger, start_date, next_run_time } = CURRENT;
    expect(changedMembers({ ...CURRENT, minutes: 11 }, CURRENT)).toEqual({
      trigger,
      start_date,
      minutes: 11,
      next_run_time,
    });
  });

  it('keeps a trigger that is given without its next run time, or without all of its options', () => {
    expect(changedMembers({ trigger: 'interval', minutes: 10 }, CURRENT)).toEqual({ trigger: 'interval', minutes: 10 });
  });

  it('keeps a next run time that is given alone', () => {
    expect(changedMembers({ next_run_time: null }, CURRENT)).toEqual({ next_run_time: null });
    const { next_run_time } = CURRENT;
    expect(changedMembers({ next_run_time }, CURRENT)).toEqual({ next_run_time });
  });
});
