import { threadWorker } from 'nestjs-apscheduler/threads';
import { ThreadModule } from './work.module.js';

export default threadWorker(ThreadModule);
