import { threadWorker } from 'nestjs-apscheduler/threads';
import { PlainModule } from './plain.module.js';

export default threadWorker(PlainModule);
