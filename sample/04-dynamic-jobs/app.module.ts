import { Module } from '@nestjs/common';
import { SchedulerModule } from 'nestjs-apscheduler';
import { RemindersController } from './reminders.controller.js';
import { RemindersService } from './reminders.service.js';

@Module({
  imports: [SchedulerModule.forRoot()],
  controllers: [RemindersController],
  providers: [RemindersService],
})
export class AppModule {}
