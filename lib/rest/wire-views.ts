import { Inject, Injectable } from '@nestjs/common';
import { nestLogger } from '../module/nest.logger.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../module/scheduler-options.js';
import { SchedulerService } from '../module/scheduler.service.js';
import { accessOf } from './access/request-access.js';
import { Redactor } from '../engine/audit/redactor.js';
import { WireView } from './wire/wire-view.js';

/** What is shown to whom: tasks and the option `redact` decide for all but those who may read secrets. */
@Injectable()
export class WireViews {
  private readonly open = new WireView();
  private readonly redacted: WireView;

  constructor(
    @Inject(SCHEDULER_OPTIONS) { redact }: Pick<ResolvedSchedulerOptions, 'redact'>,
    @Inject(SchedulerService) { tasks }: Pick<SchedulerService, 'tasks'>,
  ) {
    this.redacted = new WireView(new Redactor(redact, tasks, nestLogger()));
  }

  /** Whether a record that cannot be read may hold what is hidden from somebody. */
  get hidesRecords(): boolean {
    return this.redacted.hidesRecords;
  }

  /** The view of who sends a request. */
  of(request: object): WireView {
    return accessOf(request).actions.has('secrets.read') ? this.open : this.redacted;
  }
}
