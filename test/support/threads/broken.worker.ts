import { Module, type OnModuleInit } from '@nestjs/common';
import { threadWorker } from 'nestjs-apscheduler/threads';

@Module({})
class BrokenModule implements OnModuleInit {
  onModuleInit(): void {
    throw new Error('no database for this thread');
  }
}

export default threadWorker(BrokenModule);
