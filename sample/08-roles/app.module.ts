import { Controller, Get, Injectable, Logger, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ScheduledTask, SchedulerModule } from 'nestjs-apscheduler';
import { JwtGuard, Public, Roles, type SignedIn, SignedInGuard } from './auth.js';

@Injectable()
export class CleaningService {
  private readonly logger = new Logger(CleaningService.name);

  @ScheduledTask('interval', { id: 'clean', minutes: 10 })
  clean(): void {
    this.logger.log('All clean');
  }
}

@Controller()
export class HomeController {
  @Public()
  @Get()
  greet(): object {
    return { message: 'Hello' };
  }
}

/** The routes of the scheduler's API have the same metadata as all others: viewers read, operators do the rest. */
@Module({
  imports: [
    SchedulerModule.forRoot({
      apiEnabled: true,
      apiGuard: SignedInGuard,
      apiDecorators: ({ action }) => [action.endsWith('.read') ? Roles('viewer', 'operator') : Roles('operator')],
      access: ({ user }: SignedIn) => ({
        actor: user?.name ?? 'nobody',
        can: user?.roles.includes('operator') ? 'all' : 'read',
      }),
    }),
  ],
  controllers: [HomeController],
  providers: [CleaningService, SignedInGuard, { provide: APP_GUARD, useClass: JwtGuard }],
})
export class AppModule {}
