import { describeExecutor } from 'nestjs-apscheduler/testing';
import { threadExecutor } from 'nestjs-apscheduler/threads';
import { describe, it } from 'vitest';
import { buildWorkers } from '../support/threads/build-worker.js';

const { 'kit.worker': worker } = await buildWorkers(['kit.worker']);

describeExecutor('thread', () => threadExecutor({ worker, threads: 2 }), { describe, it });
