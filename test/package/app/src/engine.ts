import { EVENT_JOB_EXECUTED, Scheduler } from 'nestjs-apscheduler/engine';

async function main(): Promise<void> {
  const scheduler = new Scheduler();
  const fired = new Promise<unknown>((resolve) => {
    scheduler.addListener(
      (event) => event.code === EVENT_JOB_EXECUTED && resolve(event.returnValue),
      EVENT_JOB_EXECUTED,
    );
  });
  await scheduler.addJob({ id: 'greet', task: (name: string) => `Hello, ${name}!`, args: ['world'] });
  await scheduler.start();
  console.log(JSON.stringify({ returnValue: await fired }));
  await scheduler.shutdown();
}

void main();
