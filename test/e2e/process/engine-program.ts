/* The engine alone, with jobs of every kind of timer. Ends when nothing keeps it alive any more: it never calls exit. */
import { Scheduler } from 'nestjs-apscheduler/engine';

const scheduler = new Scheduler({ shutdownTimeout: 1 });
const never = (): Promise<never> => new Promise(() => undefined);
const fail = (): never => {
  throw new Error('no');
};
await scheduler.addJob({ id: 'endless', task: never, timeout: '1h' });
await scheduler.addJob({ id: 'failing', task: fail, retry: { attempts: 3, delay: '1h' } });
await scheduler.addJob({ id: 'later', task: fail, trigger: 'interval', hours: 1 });
scheduler.addListener(() => console.log('shut down'), 2);
await scheduler.start();
const [signal] = process.argv.slice(2);
// Each Ctrl+C in a terminal sends SIGINT: every one requests a shutdown again.
process.on(signal as NodeJS.Signals, () => {
  console.log('asked');
  scheduler.shutdown({ timeout: process.env['PATIENT'] === '1' ? Infinity : 1 }).catch(fail);
  process.env['PATIENT'] = '0';
});
console.log('started');
