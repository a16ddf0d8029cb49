import { Scheduler } from 'nestjs-apscheduler/engine';

const scheduler = new Scheduler();
scheduler.registerTask('greet', (name: string) => console.log(`Hello, ${name}!`));

await scheduler.addJob({ id: 'hello', task: 'greet', trigger: 'interval', seconds: 1, args: ['world'] });
await scheduler.start();
console.log('Greeting every second. Stop me with Ctrl+C.');

process.once('SIGINT', () => void scheduler.shutdown());
process.once('SIGTERM', () => void scheduler.shutdown());
