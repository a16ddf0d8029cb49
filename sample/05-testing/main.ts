import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { listen } from '../listen.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
const url = await listen(app);

console.log(`
It listens on ${url} and mails a report at nine in the morning. Who cannot wait runs its tests, where three days
pass in milliseconds:

  node --test sample/dist/05-testing/app.test.js
`);
