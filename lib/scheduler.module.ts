import {
  ConfigurableModuleBuilder,
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ConfigurationError } from './engine/errors.js';
import { loadExecutor } from './load-executor.js';
import { loadJobStore } from './load-job-store.js';
import { bootstrapLast } from './module/hook-order.js';
import type { SchedulerModuleOptions } from './module/scheduler-options.js';
import { SchedulerLifecycle } from './module/scheduler.lifecycle.js';
import { schedulerExports, schedulerProviders } from './module/scheduler.providers.js';
import { SchedulerEndpoints } from './rest/endpoints/scheduler-endpoints.js';
import { restRegistration } from './rest/rest.registration.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<SchedulerModuleOptions>({ moduleName: 'Scheduler' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createSchedulerOptions')
    .build();

/** Options of {@link SchedulerModule.forRootAsync}: `useFactory` with `inject`, `useClass` or `useExisting`. */
export type SchedulerModuleAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

/** What a class for `useClass` or `useExisting` has. */
export interface SchedulerOptionsFactory {
  createSchedulerOptions(): SchedulerModuleOptions | Promise<SchedulerModuleOptions>;
}

/**
 * Schedules, runs and manages an application's jobs. Imported once, `SchedulerService` is injectable everywhere.
 *
 * It starts when the bootstrap of all other modules is over, and stops before any of them is shut down.
 *
 * @example
 * ```ts
 * @Module({ imports: [SchedulerModule.forRoot({ timezone: 'Europe/Berlin' })], providers: [ReportsService] })
 * export class AppModule {}
 * ```
 */
@Module({})
export class SchedulerModule extends ConfigurableModuleClass implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly lifecycle: SchedulerLifecycle;

  /** @throws ConfigurationError when no module imports it with `forRoot()` or `forRootAsync()`. */
  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Optional() @Inject(SchedulerLifecycle) lifecycle: SchedulerLifecycle | undefined,
  ) {
    super();
    if (!lifecycle) throw new ConfigurationError('SchedulerModule has no options: import SchedulerModule.forRoot()');
    this.lifecycle = lifecycle;
    bootstrapLast(SchedulerModule, modules);
  }

  /**
   * @param options - every one has a default.
   * @returns a global module.
   */
  static override forRoot(options: SchedulerModuleOptions = {}): DynamicModule {
    return complete(super.forRoot(options));
  }

  /**
   * Takes the options from elsewhere: a `ConfigService`, say.
   *
   * @example
   * SchedulerModule.forRootAsync({ inject: [ConfigService], useFactory: (config: ConfigService) => schedulerOptionsFromConfig(config) })
   */
  static override forRootAsync(options: SchedulerModuleAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options));
  }

  onApplicationBootstrap(): Promise<void> {
    return this.lifecycle.bootstrap();
  }

  onModuleDestroy(): Promise<void> {
    return this.lifecycle.close();
  }
}

function complete(definition: DynamicModule): DynamicModule {
  const rest = restRegistration();
  return {
    ...definition,
    global: true,
    controllers: rest.controllers,
    providers: [
      ...(definition.providers ?? []),
      ...schedulerProviders(MODULE_OPTIONS_TOKEN, { jobStore: loadJobStore, executor: loadExecutor }),
      ...rest.providers,
    ],
    exports: [...schedulerExports, SchedulerEndpoints],
  };
}
