import { MemoryJobStore } from 'nestjs-apscheduler/engine';
import { describeJobStore } from 'nestjs-apscheduler/testing';
import { describe, it } from 'vitest';

describeJobStore('memory', () => new MemoryJobStore(), { describe, it, walks: 300 });
