import { Injectable, Logger, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { SchedulerModule, schedulerOptionsFromConfig, Task } from 'nestjs-apscheduler';

@Injectable()
export class TickService {
  private readonly logger = new Logger(TickService.name);

  @Task('tick')
  tick(text: string): void {
    this.logger.log(`Tick ${text}`);
  }
}

/** The scheduler and its jobs are configured in the environment (or in `.env` beside this file). */
@Module({
  imports: [
    SchedulerModule.forRootAsync({
      imports: [ConfigModule.forRoot()],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => schedulerOptionsFromConfig(config),
    }),
  ],
  providers: [TickService],
})
export class AppModule {}
