import { AUDIT_ACTIONS } from '../../../engine/model/audit.js';
import { ANYTHING, arrayOf, INSTANT, objectOf, referTo, TEXT, TEXT_OR_NULL, type Component } from '../component.js';
import type { OperationResponse } from '../operation.js';

const EXAMPLE = {
  id: '01a2056781a5000001-5f3a9c1e',
  time: '2030-01-01T09:00:00+00:00',
  action: 'job.pause',
  actor: 'ann',
  job_id: 'hello',
  jobstore: 'default',
  run_id: null,
  changes: [
    { field: 'next_run_time', before: '2030-01-01T09:10:00+00:00', after: null },
    { field: 'paused', before: false, after: true },
  ],
  node: 'vm',
  address: '192.0.2.7',
  note: 'bank holiday',
  release: '1.4.0',
};

const CHANGE = objectOf({
  field: { ...TEXT, description: 'As jobs have it' },
  before: { ...ANYTHING, description: 'Null where there was none' },
  after: { ...ANYTHING, description: 'Null where there is none any more' },
});

const ENTRY = objectOf({
  id: TEXT,
  time: INSTANT,
  action: { ...TEXT, description: `One of ${AUDIT_ACTIONS.join(', ')}; a later release on another node may have more` },
  actor: { ...TEXT_OR_NULL, description: 'Null if no actor is named' },
  job_id: { ...TEXT_OR_NULL, description: 'Null where it concerns no single job' },
  jobstore: { ...TEXT, description: 'The store that keeps the entry' },
  run_id: TEXT_OR_NULL,
  changes: arrayOf(CHANGE),
  node: TEXT,
  address: { ...TEXT_OR_NULL, description: "The client's; null for what was done in code" },
  note: { ...TEXT_OR_NULL, description: 'Why' },
  release: { ...TEXT_OR_NULL, description: 'Of the node that did it' },
});

export const AUDIT_COMPONENTS: readonly Component[] = [
  { name: 'AuditEntry', schema: { ...ENTRY, examples: [EXAMPLE] } },
  {
    name: 'AuditPage',
    schema: objectOf({
      entries: arrayOf(referTo('AuditEntry')),
      next_cursor: { ...TEXT_OR_NULL, description: 'Asks for the next page; null on the last one' },
    }),
  },
];

export const auditPageResponse = (description: string): OperationResponse => ({
  description,
  body: { schema: referTo('AuditPage'), example: { entries: [EXAMPLE], next_cursor: null } },
});
