import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { listen } from '../listen.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
const url = await listen(app);

console.log(`
The job comes from SCHEDULER_JOBS in sample/02-config-from-env/.env. Look at it, or take its place:

  curl -u admin:only-for-this-sample ${url}/ops/scheduler/jobs/tick
  SCHEDULER_JOBS='[{"id": "mine", "func": "tick", "trigger": "interval", "seconds": 1, "args": ["of mine"]}]' npm start -- 02-config-from-env
`);
