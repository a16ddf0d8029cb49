/* A cluster: the primary forks one worker, which runs an application with jobs in memory. */
import 'reflect-metadata';
import cluster from 'node:cluster';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerModule } from 'nestjs-apscheduler';

@Module({ imports: [SchedulerModule.forRoot()] })
class ProgramModule {}

if (cluster.isPrimary) {
  cluster.fork();
} else {
  const app = await NestFactory.createApplicationContext(ProgramModule);
  await app.close();
  process.disconnect();
}
