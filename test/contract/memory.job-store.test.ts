import { MemoryJobStore } from 'nestjs-apscheduler/engine';
import { describeJobStore } from './job-store.suite.js';
import { describeRunHistory } from './run-history.suite.js';

describeJobStore('memory', async () => new MemoryJobStore());
describeRunHistory('memory', async () => new MemoryJobStore());
