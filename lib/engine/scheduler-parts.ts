import { AsyncResource } from 'node:async_hooks';
import { hostname } from 'node:os';
import { AskedRuns } from './lifecycle/asked-runs.js';
import { AuditDirectory } from './audit/audit-directory.js';
import { AuditTrail } from './audit/audit-trail.js';
import { Redactor } from './audit/redactor.js';
import { SystemClock, type Clock } from './clock.js';
import { ScopedClock } from './scoped-clock.js';
import { Cluster } from './lifecycle/cluster.js';
import { Components } from './lifecycle/components.js';
import { followStoreClock, rescheduleAfterSetBack } from './jobs/after-set-back.js';
import { DeclaredJobs } from './jobs/declared-jobs.js';
import { readReleaseOptions } from './jobs/release-options.js';
import { EventBus } from './event-bus.js';
import { FailureLimit } from './jobs/failure-limit.js';
import { resolveAudit } from './stores/audit-options.js';
import { resolveHistory } from './stores/history-options.js';
import { JobChecks } from './jobs/job-checks.js';
import { JobDirectory } from './jobs/job-directory.js';
import { JobEditor } from './jobs/job-editor.js';
import { JobFactory } from './jobs/job-factory.js';
import { resolveJobDefaults } from './jobs/job-options.js';
import { JobLists } from './jobs/job-lists.js';
import { JobViews } from './jobs/job-view.js';
import { JobMover } from './transfer/job-mover.js';
import { JobStreams } from './transfer/job-streams.js';
import { JobPlacement } from './jobs/job-placement.js';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { readTimeout, readWaitForStores } from './lifecycle/lifecycle-options.js';
import { consoleLogger, containedLogger } from './logger.js';
import { Loop } from './dispatch/loop.js';
import { NodeDirectory } from './lifecycle/node-directory.js';
import { readNodeName } from './model/node-name.js';
import { readRoles } from './model/node-roles.js';
import { Planner } from './dispatch/planner.js';
import { RunAdoption } from './lifecycle/run-adoption.js';
import { RunnableWork } from './dispatch/runnable-work.js';
import { RunDirectory } from './runs/run-directory.js';
import { RunIds } from './runs/run-ids.js';
import { resolveRunLimits } from './runs/run-limits.js';
import { RunStatistics } from './runs/run-statistics.js';
import { Runner } from './runs/runner.js';
import type { SchedulerOptions } from './scheduler-options.js';
import { SchedulerControl } from './lifecycle/scheduler-control.js';
import { Statistics } from './jobs/statistics.js';
import { StoreKeeper } from './lifecycle/store-keeper.js';
import { TaskRegistry } from './executors/tasks.js';
import { localTimeZone, TimeZone } from './time/time-zone.js';
import { Watcher } from './watch/watcher.js';

/** What a scheduler is made of. */
export interface SchedulerParts {
  readonly clock: Clock;
  readonly timezone: string;
  /** The name of this node. */
  readonly node: string;
  readonly tasks: TaskRegistry;
  readonly predicates: TaskRegistry;
  readonly events: EventBus;
  readonly trail: AuditTrail;
  readonly audit: AuditDirectory;
  readonly cluster: Cluster;
  readonly components: Components;
  readonly runner: Runner;
  readonly asked: AskedRuns;
  readonly loop: Loop;
  readonly factory: JobFactory;
  readonly checks: JobChecks;
  readonly directory: JobDirectory;
  readonly lists: JobLists;
  readonly statistics: Statistics;
  readonly editor: JobEditor;
  readonly declared: DeclaredJobs;
  readonly mover: JobMover;
  readonly streams: JobStreams;
  readonly runs: RunDirectory;
  readonly lifecycle: Lifecycle;
  readonly control: SchedulerControl;
  readonly keeper: StoreKeeper;
  readonly watcher: Watcher;
  readonly adoption: RunAdoption;
  readonly nodes: NodeDirectory;
}

/**
 * Makes the parts of a scheduler and joins them.
 *
 * @param onTask - called when a task has been registered.
 * @throws InvalidInputError naming each option that cannot be used.
 */
export function makeParts(options: SchedulerOptions, onTask: () => void): SchedulerParts {
  const { random = Math.random } = options;
  const node = readNodeName(options.node === undefined ? hostname() : options.node);
  // Jobs, listeners and timers belong to the context in which the scheduler is made, not to whoever calls it.
  const scope = new AsyncResource('Scheduler');
  const clock = new ScopedClock(options.clock ?? new SystemClock(), scope);
  const logger = containedLogger(options.logger ?? consoleLogger);
  const timezone = TimeZone.of(options.timezone ?? localTimeZone()).name;
  const defaults = resolveJobDefaults(options.jobDefaults);
  const releaseOptions = readReleaseOptions(options);
  const history = resolveHistory(options.history);
  const audit = resolveAudit(options.audit);
  const limits = resolveRunLimits(options.limits);
  const waitForStores = readWaitForStores(options.waitForStores ?? false);
  const tasks = new TaskRegistry(onTask);
  const predicates = new TaskRegistry();
  const events = new EventBus(logger, scope);
  const maker = { node, ids: new RunIds() };
  const auditIds = new RunIds();
  const redactor = new Redactor(options.redact, tasks, logger);
  const trail = new AuditTrail({
    ...{ clock, logger, events, redactor, node, scope, ids: auditIds },
    ...{ release: releaseOptions.release, maxCount: audit.maxCount, isRecorded: audit.isRecorded },
  });
  const componentParts = { clock, events, logger, scope, waitForStores, roles: readRoles(options.roles) };
  const components: Components = new Components(componentParts, (alias, entry) => ({
    alias,
    node,
    instance: maker.ids.instance,
    clock,
    history,
    audit,
    logger,
    wake: (at) => loop.wake(at, entry),
    heldRuns: () => runner.heldRuns(entry),
    runsUnderLease: (ids) => {
      const compared = runner.handedOver.compareWithLease(entry, ids);
      clock.track?.(compared);
    },
    describeNode: () => nodes.describe(),
    lost: () => runner.revoke(entry),
    jobsLost: () => declared.jobsLost(entry),
    clockSetBack: (byMs) => {
      const followed = followStoreClock(entry, byMs, { clock, logger, random }).then(() => loop.wake(-Infinity, entry));
      clock.track?.(followed);
    },
    cluster: (state) => cluster.hear(entry, state),
    cancel: (runIds) => runIds.forEach((id) => runner.cancel([entry], id)),
  }));
  const { stores, executors, roles } = components;
  const cluster = new Cluster({ logger, stores, onChange: () => lifecycle.follow() });
  const counted = new RunStatistics({ clock, logger });
  const runner: Runner = new Runner({
    scope,
    statistics: counted,
    limits,
    clock,
    logger,
    events,
    tasks,
    executors,
    predicates,
    random,
    maker,
    wake: (at, entry) => loop.wake(at, entry),
    countOutcome: (entry, job, run) => failures.count(entry, job, run),
    lostForGood: (entry, job) => failures.park(entry, job.id),
  });
  const work = new RunnableWork({ clock, roles, executors, tasks, nodes: () => nodes.list() });
  const planner = new Planner({ logger, random, maker, runner, roles, work });
  const loop = new Loop({
    clock,
    logger,
    stores,
    planner,
    runner,
    // A shared store notices by itself that the clock that it goes by was set back.
    clockSetBack: async (entry, byMs) => {
      if (!entry.store.capabilities.shared) await rescheduleAfterSetBack(entry, byMs, { clock, random });
    },
  });
  const factory = new JobFactory({ clock, logger, random, timezone, tasks, predicates, defaults });
  const placement = new JobPlacement(stores, executors, tasks, predicates, defaults);
  const views = new JobViews(planner, work);
  const directory: JobDirectory = new JobDirectory({
    clock,
    trail,
    stores,
    placement,
    factory,
    events,
    logger,
    runner,
    views,
    loop,
    isStarted: () => lifecycle.isStarted,
    runOnStart: (entry, job) => lifecycle.runAtStart(entry, job),
  });
  const failures = new FailureLimit({ clock, directory, factory, logger, trail });
  const declared: DeclaredJobs = new DeclaredJobs({
    clock,
    directory,
    events,
    factory,
    logger,
    stores,
    schedules: roles.schedules,
    ...releaseOptions,
  });
  const adoption = new RunAdoption({ clock, logger, stores, executors, roles, runner });
  const asked = new AskedRuns({ clock, maker, roles, tasks, runner, isDrained: () => lifecycle.draining.isOn });
  const lifecycle: Lifecycle = new Lifecycle({
    adoption,
    clock,
    logger,
    events,
    cluster,
    components,
    directory,
    declared,
    runner,
    asked,
    trail,
    loop,
    shutdownTimeout: readTimeout(options.shutdownTimeout ?? 10, 'shutdownTimeout'),
  });
  const runs = new RunDirectory({ clock, timezone, stores, runner, roles, events });
  const self = { node, instance: maker.ids.instance };
  const nodes: NodeDirectory = new NodeDirectory({
    ...self,
    clock,
    stores,
    executors,
    tasks,
    runner,
    roles,
    lifecycle,
  });
  const lists = new JobLists({ timezone, stores, work, views, directory });
  const mover = new JobMover({ directory, placement, logger });
  return {
    clock,
    timezone,
    node,
    tasks,
    predicates,
    events,
    trail,
    audit: new AuditDirectory({ clock, timezone, stores, trail }),
    cluster,
    components,
    runner,
    asked,
    loop,
    factory,
    checks: new JobChecks(placement, () => lifecycle.isStarted),
    directory,
    statistics: new Statistics({ clock, stores, work, directory, counted }),
    lists,
    editor: new JobEditor({ directory, factory, placement, acting: trail.acting }),
    declared,
    mover,
    streams: new JobStreams({ clock, lists, directory, mover }),
    runs,
    lifecycle,
    control: new SchedulerControl({ cluster, lifecycle, stores, trail }),
    keeper: new StoreKeeper({ cluster, components, lifecycle, loop }),
    watcher: new Watcher({ clock, events, logger, node, ids: { runs: maker.ids, audit: auditIds }, stores }),
    adoption,
    nodes,
  };
}
