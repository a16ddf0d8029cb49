import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRestApp, type RestApp } from '../../support/rest-app.js';

describe('a refusal', () => {
  let rest: RestApp;
  beforeAll(async () => {
    rest = await startRestApp('express');
    await rest.scheduler.addJob({ id: 'there', task: 'app:work', trigger: 'interval', minutes: 7 });
  });
  afterAll(() => rest.close());

  const refusal = async (target: string, json?: unknown): Promise<string> => {
    const answer = await rest.send(target, { json });
    expect(answer.status).toBe(400);
    return (answer.json as { error_message: string }).error_message;
  };

  it.each([5, '', null, 'x'.repeat(192)])('says what an id is, given %j', async (id) => {
    const message = await refusal('POST /scheduler/jobs', { id, func: 'app:work' });
    expect(message).toMatch(/^Invalid job: id must be a non-empty string of at most 191 characters, got /);
  });

  const BAD = {
    func: 'nope',
    executor: 'nope',
    jobstore: 'nope',
    next_run_time: 'x',
    seconds: -5,
    trigger: 'interval',
  };
  const FIELDS = ['func', 'executor', 'jobstore', 'next_run_time', 'seconds'];

  it.each<[target: string, members: object, title: string]>([
    ['POST /scheduler/jobs', {}, 'Invalid job: '],
    ['POST /scheduler/jobs', { id: 'new' }, 'Invalid job "new": '],
    ['PATCH /scheduler/jobs/there', {}, 'Invalid changes to job "there": '],
  ])('names every fault at once, whoever finds it: %s %j', async (target, members, title) => {
    const message = await refusal(target, { ...BAD, ...members });
    expect(message.startsWith(title)).toBe(true);
    const names = message
      .slice(title.length)
      .split('; ')
      .map((fault) => fault.split(' ', 1)[0]);
    expect(names).toEqual(expect.arrayContaining(FIELDS));
    // What is known instead is told behind a semicolon, too.
    const fields = names.filter((name) => name !== 'known');
    expect([...new Set(fields)]).toEqual(fields);
  });

  it('names what only the engine finds all at once, too', async () => {
    const message = await refusal('POST /scheduler/jobs', {
      id: 'new',
      func: 'app:work',
      executor: 'x',
      jobstore: 'y',
    });
    expect(message).toMatch(/^Invalid job "new": /);
    for (const field of ['executor "x"', 'jobstore "y"']) expect(message).toContain(field);
  });

  it('says that a change needs a body', async () => {
    const message = 'Invalid request: body must be a JSON object, and there is none';
    expect(await refusal('PATCH /scheduler/jobs/there')).toBe(message);
  });

  it('names twenty members that nobody knows, counts the others, and still names what is wrong beside them', async () => {
    const strangers = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`member${index}`, 1]));
    const message = await refusal('POST /scheduler/jobs', { ...strangers, func: 'nope' });
    expect(message.match(/member\d+ is not known here/g)).toHaveLength(20);
    expect(message).toMatch(/; and 480 more members that are not known here$/);
    expect(message).toContain('id is missing');
    expect(message).toContain('func names no registered task, got "nope"');
  });
});
