import 'reflect-metadata';
import { threadWorker } from 'nestjs-apscheduler/threads';
import { PrimesModule } from './primes.module.js';

/* What worker threads load. */
export default threadWorker(PrimesModule);
