import {
  EVENT_ALL,
  ManualClock,
  Scheduler,
  type Logger,
  type SchedulerEvent,
  type SchedulerOptions,
} from 'nestjs-apscheduler/engine';

/** The start of the engine's tests: 2030-01-01, a Tuesday, at midnight UTC. */
export const START = Date.UTC(2030, 0, 1);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A logger that records its messages. */
export interface MemoryLogger extends Logger {
  readonly lines: string[];
}

export function memoryLogger(): MemoryLogger {
  const lines: string[] = [];
  const keep = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}

export interface EngineWorld {
  readonly clock: ManualClock;
  readonly scheduler: Scheduler;
  readonly logger: MemoryLogger;
  /** All events so far. */
  readonly events: SchedulerEvent[];
  /** The events with one of these codes. */
  happened<C extends SchedulerEvent['code']>(code: C): (SchedulerEvent & { code: C })[];
}

/** A scheduler on a manual clock at {@link START}, in UTC, whose events and logs are recorded. */
export function engineWorld(options: SchedulerOptions = {}): EngineWorld {
  const clock = new ManualClock(START, { patienceMs: 0 });
  const logger = memoryLogger();
  const scheduler = new Scheduler({ clock, logger, timezone: 'UTC', ...options });
  const events: SchedulerEvent[] = [];
  scheduler.addListener((event) => events.push(event), EVENT_ALL);
  return {
    clock,
    scheduler,
    logger,
    events,
    happened: <C extends SchedulerEvent['code']>(code: C) =>
      events.filter((event): event is SchedulerEvent & { code: C } => event.code === code),
  };
}

/** A promise that a test settles. */
export function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void; fail: (error: unknown) => void } {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}
