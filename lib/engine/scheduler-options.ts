import type { Clock } from './clock.js';
import type { Executor } from './executors/executor.js';
import type { Redact } from './audit/redactor.js';
import type { AuditOptions } from './stores/audit-options.js';
import type { NodeRolesOption } from './model/node-roles.js';
import type { HistoryOptions } from './stores/history-options.js';
import type { RunLimitOptions } from './runs/run-limits.js';
import type { JobDefaults } from './jobs/job-definition.js';
import type { Random } from './triggers/jitter.js';
import type { Logger } from './logger.js';
import type { JobStore } from './stores/job-store.js';
import type { DurationInput } from './time/duration.js';

/** Options of `Scheduler`. */
export interface SchedulerOptions {
  /** @default the computer's clock */
  clock?: Clock;
  /** @default warnings and errors to the console */
  logger?: Logger;
  /** The time zone of triggers that have none: an IANA name or a fixed offset. @default the computer's */
  timezone?: string;
  jobDefaults?: JobDefaults;
  /** Job stores by alias. @default `default`, in memory */
  jobStores?: Readonly<Record<string, JobStore>>;
  /** Executors by alias. @default `default`, in this process */
  executors?: Readonly<Record<string, Executor>>;
  history?: HistoryOptions;
  /** How much of the audit trail each job store keeps; `false` records nothing on this node. @default 90 days, 10000 entries */
  audit?: AuditOptions | false;
  /** Decides what the audit trail keeps of arguments: it gets each value, then those inside it. @default everything but secrets */
  redact?: Redact;
  /** How much is kept of what tasks return and log. */
  limits?: RunLimitOptions;
  /** The name of this process in the records of its runs: at most 255 characters. @default the computer's name */
  node?: string;
  /**
   * What this node does where several share a job store: whether it declares jobs and hands over runs (`schedule`), and whose runs
   * it carries out itself (`execute`).
   * @default both, for all executors
   *
   * @example
   * roles: { schedule: false, execute: ['cpu'] }
   */
  roles?: NodeRolesOption;
  /**
   * The name of this release: a version, a build number, a date. Later releases need later names; commit hashes have no
   * order. Declarations of an earlier release do not change what a later one has declared.
   */
  release?: string;
  /**
   * Remove jobs at the start that earlier releases have declared and this one does not. Requires `release`, and that this
   * program declares all jobs of the release.
   * @default false
   */
  prune?: boolean;
  /** How long `shutdown()` waits for running jobs by default: seconds, or a duration such as `1m`. @default 10 */
  shutdownTimeout?: DurationInput;
  /**
   * What `start()` does when a job store cannot be opened: `false` fails at once, so that a wrong configuration is noticed;
   * `true` tries again, with backoff, until it succeeds; seconds, or a duration such as `5m`, for that long at most. A missing
   * driver, refused credentials and other wrong configurations fail at once in any case.
   * @default false
   */
  waitForStores?: boolean | DurationInput;
  /** The source of jitter. @default Math.random */
  random?: Random;
}
