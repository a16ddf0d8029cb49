/* Many one-off jobs that are due at one instant, in a process that also answers HTTP requests. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { EVENT_ALL, EVENT_JOB_EXECUTED, Scheduler, silentLogger } from '../dist/engine/index.js';
import { answer, receive } from '../support/worker.mjs';
import { addAll } from './adding.mjs';

const { jobs, leadMs, quietMs, everyMs } = await receive();
const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
await once(server, 'listening');
const client = fork(fileURLToPath(new URL('burst-client.worker.mjs', import.meta.url)), { execArgv: [] });
client.send({ port: server.address().port, everyMs });
// The client takes long to start on a busy computer: without this, the burst could end before its first request.
await once(server, 'request');

const scheduler = new Scheduler({ logger: silentLogger });
let executed = 0;
let lastEvent = 0;
const allExecuted = new Promise((resolve) => {
  scheduler.addListener(({ code }) => {
    lastEvent = Date.now();
    if (code === EVENT_JOB_EXECUTED && ++executed === jobs) resolve();
  }, EVENT_ALL);
});
let longestLatenessMs = 0;
scheduler.registerTask('fired', (_, { scheduledTime }) => {
  longestLatenessMs = Math.max(longestLatenessMs, Date.now() - scheduledTime);
});
await scheduler.start();

const due = Date.now() + leadMs;
const { addMs } = await addAll(
  (index) =>
    scheduler.addJob({ id: `job-${index}`, task: 'fired', args: [index], trigger: 'date', runDate: new Date(due) }),
  jobs,
  Infinity,
);
const quietFrom = Date.now() + quietMs;
if (quietFrom + quietMs > due)
  throw new Error(`Adding ${jobs} jobs took ${Math.round(addMs)} ms: too long for a burst`);
await allExecuted;
// What follows the last run, such as the removal of its job, belongs to the burst.
await delay(quietMs);
client.send('stop');
const [answers] = await once(client, 'message');

// Requests that were pending when the burst started or ended count as during the burst.
const inBurst = answers.filter(({ sent, tookMs }) => sent + tookMs >= due && sent <= lastEvent);
const before = answers.filter(({ sent, tookMs }) => sent >= quietFrom && sent + tookMs < due);
answer({ addMs, burstMs: lastEvent - due, longestLatenessMs, inBurst: longest(inBurst), before: longest(before) });

function longest(requests) {
  if (requests.length === 0) throw new Error('No request came at the right time');
  return { requests: requests.length, longestMs: Math.max(...requests.map(({ tookMs }) => tookMs)) };
}
