import { Scheduler } from 'nestjs-apscheduler/engine';

const scheduler = new Scheduler();
scheduler.registerTask('greet', (name: string) => console.log(`Hello, ${name}!`));

await scheduler.addJob({ id: 'hello', task: 'greet', trigger: 'interval', seconds: 1, args: ['world'] });
await scheduler.start();
console.log('Greeting every second. Stop me with Ctrl+C.');

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void scheduler.shutdown());
