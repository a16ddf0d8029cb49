import { AuditQueryDto } from '../../dto/audit.dto.js';
import type { Operation } from '../operation.js';
import { auditPageResponse } from '../responses/audit.responses.js';

export const AUDIT_OPERATIONS = {
  get_audit: {
    summary: 'List who did what',
    description:
      'The audit trail, newest first: what was changed over this API and in code, on all nodes that share a job store. `next_cursor` of a ' +
      'page, as `cursor`, asks for the page after it.',
    query: { type: AuditQueryDto, example: { job_id: 'hello', action: ['job.pause', 'job.resume'], limit: 20 } },
    responses: { 200: auditPageResponse('Some entries.') },
  },
} satisfies Readonly<Record<string, Operation>>;
