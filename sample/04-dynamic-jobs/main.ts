import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { listen } from '../listen.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
const url = await listen(app);

console.log(`
Add a reminder, look at it, and wait for it in this window:

  curl ${url}/users/ann/reminders -H 'Content-Type: application/json' -d '{"text": "tea is ready", "inSeconds": 20}'
  curl ${url}/users/ann/reminders
`);
