import { EVENT_JOB_EXECUTED, Scheduler } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';

/* Runs a job in each of the stores whose URLs are given, as JSON, and reads its run from the history. */
const answers = {};
for (const [name, url] of Object.entries(JSON.parse(process.argv[2]))) {
  const jobStore = url.startsWith('redis:') ? new RedisJobStore({ url }) : new SqlJobStore({ url });
  const scheduler = new Scheduler({ jobStores: { default: jobStore } });
  scheduler.registerTask('greet', (whom) => `Hello, ${whom}!`);
  const executed = new Promise((resolve) => scheduler.addListener(resolve, EVENT_JOB_EXECUTED));
  await scheduler.start();
  await scheduler.addJob({ id: 'greet', task: 'greet', args: [name], trigger: 'interval', hours: 1, runOnStart: true });
  await scheduler.runJob('greet');
  await executed;
  answers[name] = (await scheduler.getRuns({ jobId: 'greet', limit: 1 })).runs[0].result;
  await scheduler.shutdown();
}
console.log(JSON.stringify(answers));
