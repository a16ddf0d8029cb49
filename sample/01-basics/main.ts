import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { listen } from '../listen.js';
import { AppModule, credentials, file } from './app.module.js';

const app = await NestFactory.create(AppModule);
const url = await listen(app);
const curl = `curl -u ${credentials.username}:${credentials.password}`;

console.log(`
The dashboard is on ${url}/scheduler/ui
Its user is "${credentials.username}", the password "${credentials.password}".

The scheduler's REST API listens on ${url}/scheduler, with the same user. Try:

  ${curl} ${url}/scheduler/jobs
  ${curl} -X POST ${url}/scheduler/jobs/report/run
  ${curl} ${url}/scheduler/jobs -d '{"id": "hello", "func": "greet", "args": ["world"]}'

Jobs are kept in ${file}
and continue when it starts again. To start over, stop it and delete that file.
`);
