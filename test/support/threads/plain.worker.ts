import { threadWorker } from 'nestjs-apscheduler/threads';
import { PlainModule } from './plain.module.js';

// eslint-disable-next-line import/no-default-export -- what threads load
export default threadWorker(PlainModule);
