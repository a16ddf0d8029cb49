import { LocalExecutor } from 'nestjs-apscheduler/engine';
import { describeExecutor } from 'nestjs-apscheduler/testing';
import { describe, it } from 'vitest';

describeExecutor('local', () => new LocalExecutor({ concurrency: 2 }), { describe, it });
