import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { listen } from '../listen.js';
import { AppModule } from './app.module.js';
import { issueToken } from '../token.js';

const app = await NestFactory.create(AppModule);
const url = await listen(app);
const token = issueToken({ sub: 'you', exp: Date.now() / 1000 + 3600 });

console.log(`
The first is refused; the others carry a token that is good for an hour:

  curl ${url}/scheduler
  curl -H 'Authorization: Bearer ${token}' ${url}/scheduler
  curl -H 'Authorization: Bearer ${token}' -X POST ${url}/scheduler/jobs/clean/run
`);
