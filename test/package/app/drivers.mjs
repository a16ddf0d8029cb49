import { Scheduler } from 'nestjs-apscheduler/engine';
import { RedisJobStore } from 'nestjs-apscheduler/redis';
import { SqlJobStore } from 'nestjs-apscheduler/sql';

/* Runs a job in each of the stores whose URLs are given, as JSON. */
const answers = {};
for (const [name, url] of Object.entries(JSON.parse(process.argv[2]))) {
  const jobStore = url.startsWith('redis:') ? new RedisJobStore({ url }) : new SqlJobStore({ url });
  const scheduler = new Scheduler({ jobStores: { default: jobStore } });
  scheduler.registerTask('greet', (whom) => `Hello, ${whom}!`);
  await scheduler.start();
  await scheduler.addJob({ id: 'greet', task: 'greet', args: [name], trigger: 'interval', hours: 1 });
  answers[name] = await scheduler.runJob('greet');
  await scheduler.removeJob('greet');
  await scheduler.shutdown();
}
console.log(JSON.stringify(answers));
