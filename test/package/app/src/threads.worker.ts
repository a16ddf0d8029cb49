import { threadWorker } from 'nestjs-apscheduler/threads';
import { ThreadsModule } from './threads.module.js';

export default threadWorker(ThreadsModule);
