import { MemoryJobStore } from 'nestjs-apscheduler/engine';
import { describeJobStore } from './job-store.suite.js';

describeJobStore('memory', async () => new MemoryJobStore());
