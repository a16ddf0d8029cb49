import { describe, expect, it } from 'vitest';
import { TaskRegistry } from '../../../../lib/engine/executors/tasks.js';
import { silentLogger } from '../../../../lib/engine/logger.js';
import { Redactor } from '../../../../lib/engine/audit/redactor.js';
import { WireView } from '../../../../lib/rest/wire/wire-view.js';

const problem = 'args must be a list, got "hunter2"';
const job = { id: 'j', problem, raw: { spec: 'hunter2' }, definition: {} };
const run = { id: 'r', jobId: 'j', problem, raw: { spec: 'hunter2' } };
const page = { runs: [], unreadable: [run], nextCursor: null };

describe('A view of what cannot be read', () => {
  const marking = new TaskRegistry();
  const args = { jsonSchema: { properties: { key: { 'x-secret': true } } }, read: () => ({ faults: [], value: {} }) };
  marking.register('pay', () => 1, undefined, { args });

  it.each([
    ['by an option', (value: unknown) => value, new TaskRegistry()],
    ['by a task', undefined, marking],
  ])('has neither the record nor what quotes it where secrets are hidden %s', (_, redact, tasks) => {
    const view = new WireView(new Redactor(redact, tasks, silentLogger));
    const shown = [view.unreadableJob(job), view.damagedJob(job), view.damagedRun(run), view.runPage(page)];
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown[1]).toMatchObject({ id: 'j', raw: null, unreadable: 'its record cannot be read' });
  });

  it.each([
    ['to the actor', new WireView()],
    ['to everybody', new WireView(new Redactor(undefined, new TaskRegistry(), silentLogger))],
  ])('has both where everything is shown %s', (_, view) => {
    expect(view.damagedJob(job)).toMatchObject({ id: 'j', raw: job.raw, unreadable: problem });
    expect(view.damagedRun(run)).toMatchObject({ id: 'r', raw: run.raw, unreadable: problem });
    expect(view.unreadableJob(job)).not.toHaveProperty('raw');
    expect(view.runPage(page)).toMatchObject({ runs: [{ unreadable: problem }] });
  });
});
