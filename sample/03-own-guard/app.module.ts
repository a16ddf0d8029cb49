import { Injectable, Logger, Module } from '@nestjs/common';
import { ScheduledTask, SchedulerModule } from 'nestjs-apscheduler';
import { BearerGuard } from './bearer.guard.js';

@Injectable()
export class CleaningService {
  private readonly logger = new Logger(CleaningService.name);

  @ScheduledTask('interval', { id: 'clean', minutes: 10 })
  clean(): void {
    this.logger.log('All clean');
  }
}

/** The guard replaces the scheduler's basic authentication. */
@Module({
  imports: [SchedulerModule.forRoot({ apiEnabled: true, apiGuard: BearerGuard })],
  providers: [BearerGuard, CleaningService],
})
export class AppModule {}
