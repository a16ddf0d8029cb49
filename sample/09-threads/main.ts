import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

console.log(`
Two worker threads: one counts primes every five seconds, the other gets stuck every ten, and is ended after two. The main
thread goes on meanwhile. End with Ctrl+C.
`);
const app = await NestFactory.createApplicationContext(AppModule, { logger: ['log', 'warn', 'error'] });
app.enableShutdownHooks();
// Without a listening server, nothing else keeps the process alive.
setInterval(() => undefined, 60_000);
