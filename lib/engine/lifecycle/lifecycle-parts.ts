import type { AskedRuns } from './asked-runs.js';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { Clock } from '../clock.js';
import type { Cluster } from './cluster.js';
import type { Components } from './components.js';
import type { DeclaredJobs } from '../jobs/declared-jobs.js';
import type { EventBus } from '../event-bus.js';
import type { JobDirectory } from '../jobs/job-directory.js';
import type { Logger } from '../logger.js';
import type { Loop } from '../dispatch/loop.js';
import type { RunAdoption } from './run-adoption.js';
import type { Runner } from '../runs/runner.js';

/** What {@link Lifecycle} is made of. */
export interface LifecycleParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventBus;
  readonly cluster: Cluster;
  readonly components: Components;
  readonly directory: JobDirectory;
  readonly declared: DeclaredJobs;
  readonly runner: Runner;
  readonly asked: AskedRuns;
  readonly trail: AuditTrail;
  readonly loop: Loop;
  readonly adoption: RunAdoption;
  /** In seconds. */
  readonly shutdownTimeout: number;
}
