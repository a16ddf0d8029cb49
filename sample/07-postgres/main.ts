import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { listen } from '../listen.js';
import { AppModule, credentials } from './app.module.js';

const app = await NestFactory.create(AppModule);
const url = await listen(app);
const curl = `curl -u ${credentials.username}:${credentials.password}`;

console.log(`
One of as many replicas as you start on one PostgreSQL. It listens on ${url}/scheduler. Try:

  ${curl} ${url}/scheduler/jobs -d '{"id": "hello", "func": "greet", "args": ["world"], "trigger": "interval", "seconds": 10}'
  ${curl} '${url}/scheduler/runs?limit=5'
`);
