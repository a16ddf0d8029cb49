import { threadWorker } from 'nestjs-apscheduler/threads';
import { ThreadModule } from './work.module.js';

// eslint-disable-next-line import/no-default-export -- what threads load
export default threadWorker(ThreadModule);
