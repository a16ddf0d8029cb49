import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { listen } from '../listen.js';
import { issueToken } from '../token.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
const url = await listen(app);
const exp = Date.now() / 1000 + 3600;
const viewer = issueToken({ sub: 'vera', roles: ['viewer'], exp });
const operator = issueToken({ sub: 'otto', roles: ['operator'], exp });

console.log(`
A viewer may look; the second is refused, the third is an operator's:

  curl -H 'Authorization: Bearer ${viewer}' ${url}/scheduler/jobs
  curl -H 'Authorization: Bearer ${viewer}' -X POST ${url}/scheduler/jobs/clean/run
  curl -H 'Authorization: Bearer ${operator}' -X POST ${url}/scheduler/jobs/clean/run
`);
