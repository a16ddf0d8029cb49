import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../lib/engine/logger.js';
import { Redactor } from '../../../../lib/rest/wire/redactor.js';
import { WireView } from '../../../../lib/rest/wire/wire-view.js';

const problem = 'args must be a list, got "hunter2"';
const job = { id: 'j', problem, raw: { spec: 'hunter2' }, definition: {} };
const run = { id: 'r', jobId: 'j', problem, raw: { spec: 'hunter2' } };
const page = { runs: [], unreadable: [run], nextCursor: null };

describe('A view of what cannot be read', () => {
  it('has neither the record nor what quotes it where secrets are hidden', () => {
    const view = new WireView(new Redactor((value) => value, silentLogger));
    const shown = [view.unreadableJob(job), view.damagedJob(job), view.damagedRun(run), view.runPage(page)];
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown[1]).toMatchObject({ id: 'j', raw: null, unreadable: 'its record cannot be read' });
  });

  it('has both where secrets are shown', () => {
    const view = new WireView();
    expect(view.damagedJob(job)).toMatchObject({ id: 'j', raw: job.raw, unreadable: problem });
    expect(view.damagedRun(run)).toMatchObject({ id: 'r', raw: run.raw, unreadable: problem });
    expect(view.unreadableJob(job)).not.toHaveProperty('raw');
    expect(view.runPage(page)).toMatchObject({ runs: [{ unreadable: problem }] });
  });
});
