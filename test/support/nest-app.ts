import type { INestApplicationContext, LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ManualClock, SchedulerModule, SchedulerService, type SchedulerModuleOptions } from 'nestjs-apscheduler';
import { onTestFinished } from 'vitest';

/** The start of the module's tests: 2030-01-01, a Tuesday, at midnight UTC. */
export const START = Date.UTC(2030, 0, 1);

/** The parts of a test application. */
export interface NestWorldOptions extends ModuleMetadata {
  /** Options of the module, in addition to the clock and UTC. */
  readonly options?: SchedulerModuleOptions;
}

/** An application with a scheduler on a manual clock, in UTC. */
export interface NestWorld {
  readonly app: INestApplicationContext;
  readonly clock: ManualClock;
  readonly scheduler: SchedulerService;
  /** What was logged: `warn: ...`. */
  readonly logs: readonly string[];
}

/** Creates an application without starting it. It is closed after the test. */
export async function createApp({ options, imports = [], ...parts }: NestWorldOptions = {}): Promise<NestWorld> {
  const clock = new ManualClock(START, { patienceMs: 0 });
  const logs: string[] = [];
  const module = await Test.createTestingModule({
    imports: [SchedulerModule.forRoot({ clock, timezone: 'UTC', ...options }), ...imports],
    ...parts,
  })
    .setLogger(memoryLogger(logs))
    .compile();
  onTestFinished(() => module.close());
  return { app: module, clock, scheduler: module.get(SchedulerService), logs };
}

/** Creates an application and starts it. */
export async function startApp(options?: NestWorldOptions): Promise<NestWorld> {
  const world = await createApp(options);
  await world.app.init();
  return world;
}

/** The error message of an application that cannot start. */
export async function startFailure(options: NestWorldOptions): Promise<Error> {
  try {
    await startApp(options);
  } catch (error) {
    return error as Error;
  }
  throw new Error('The application started');
}

function memoryLogger(logs: string[]): LoggerService {
  const keep = (level: string) => (message: unknown) => void logs.push(`${level}: ${String(message)}`);
  return { log: keep('log'), error: keep('error'), warn: keep('warn'), debug: keep('debug'), verbose: keep('verbose') };
}
