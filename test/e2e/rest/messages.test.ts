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
});
