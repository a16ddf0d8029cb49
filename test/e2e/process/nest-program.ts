/* An application whose job never ends. Says `under way` once it runs; DEAF=1 has it ignore its signal. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerModule, type RunContext } from 'nestjs-apscheduler';

const isDeaf = process.env['DEAF'] === '1';

function endless({ signal }: RunContext): Promise<void> {
  console.log('under way');
  return new Promise((_resolve, reject) => {
    // Keeps the process alive until it is ended.
    const work = setInterval(() => undefined, 60_000);
    if (isDeaf) return;
    signal.addEventListener('abort', () => {
      clearInterval(work);
      console.log('aborted');
      reject(signal.reason as Error);
    });
  });
}

@Module({
  imports: [
    SchedulerModule.forRoot({ shutdownTimeout: 1, apiEnabled: false, jobs: [{ id: 'endless', task: endless }] }),
  ],
})
class ProgramModule {}

const app = await NestFactory.createApplicationContext(ProgramModule);
app.enableShutdownHooks();
