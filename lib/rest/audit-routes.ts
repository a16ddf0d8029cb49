import { Req } from '@nestjs/common';
import type { ApiRequest } from './api-request.js';
import { Route } from './endpoints/route.decorator.js';
import { readAuditQuery } from './input/request-input.js';
import { RunRoutes } from './run-routes.js';
import { auditPageToDict } from './wire/audit-to-dict.js';

/** The route of the audit trail. The controller inherits it, as those of runs. */
export abstract class AuditRoutes extends RunRoutes {
  /** A page may have fewer entries than its limit where not all may be seen: its cursor goes on after all of them. */
  @Route('get_audit')
  async getAudit(@Req() request: ApiRequest): Promise<Record<string, unknown>> {
    const query = readAuditQuery(request.query, (read) => this.scheduler.checkAuditQuery(read));
    const { entries, nextCursor } = await this.scheduler.getAudit(query);
    return auditPageToDict({ entries: await this.visible.entries(request, entries), nextCursor });
  }
}
