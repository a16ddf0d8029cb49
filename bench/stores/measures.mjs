import { setTimeout as delay } from 'node:timers/promises';
import { hasAll, together } from './slot-log.mjs';

const SECOND = 1000;
const POLL_MS = 500;

/**
 * Jobs that are due every second, run by one process or several.
 *
 * @param {import('./cells.mjs').Measured} measured
 */
export async function everySecond({ task, room, open }) {
  const { jobs, processes, startOf, warmUpMs, windowMs, lateMs, settleMs } = task;
  const base = Math.floor(Date.now() / SECOND) * SECOND;
  const nodes = [];
  for (let n = 1; n <= processes; n++) {
    nodes.push(await open({ node: `node-${n}`, task: 'slots', slots: { jobs, base } }));
  }
  await Promise.all(nodes.map((node) => node.ask('work')));
  const addMs = await nodes[0].ask('addEverySecond', { jobs, startOf });
  const from = Math.ceil((Date.now() + warmUpMs) / SECOND) * SECOND;
  const to = from + windowMs;
  const logs = nodes.map((node) => node.ask('watch', { from, to, until: to + lateMs }));
  await delay(from - Date.now());
  const before = room.cpuMs();
  await delay(to - Date.now());
  const serverUs = (room.cpuMs() - before) * 1000;
  const seen = await Promise.all(logs);
  if (seen.every(({ fires }) => fires === 0)) throw new Error('nothing ran while it was watched');
  return { addMs, serverUs, ...together(seen, await settled(nodes, { from, to, settleMs })) };
}

/** Times that have not run yet may be reported only when their job's turn comes. */
async function settled(nodes, { from, to, settleMs }) {
  const end = Date.now() + settleMs;
  for (;;) {
    const logs = await Promise.all(nodes.map((node) => node.ask('slots', { from, to })));
    if (Date.now() >= end || hasAll(logs)) return logs;
    await delay(POLL_MS);
  }
}

/**
 * One-off jobs that are due at one instant, added in bulk before.
 *
 * @param {import('./cells.mjs').Measured} measured
 */
export async function burst({ task, contender: { waitsForTime }, open }) {
  const { jobs, leadMs } = task;
  const node = await open({ node: 'node-1', task: 'count', expect: jobs });
  const at = Date.now() + (waitsForTime ? leadMs : 0);
  const addMs = await node.ask('addAll', { jobs, at });
  const all = node.tells('all');
  const workedAt = Date.now();
  await node.ask('work');
  const ranAt = await all;
  const doneAt = await node.ask('isDone');
  // Contenders that are given due jobs do not pay for opening their connections.
  const begun = waitsForTime ? Math.max(at, workedAt) : await node.ask('firstAt');
  return { addMs, ranMs: ranAt - begun, doneMs: doneAt - begun };
}

/**
 * The time from the call that adds a due job in one process to its start in another one.
 *
 * @param {import('./cells.mjs').Measured} measured
 */
export async function handOver({ task, open }) {
  const { jobs, warmUp, everyMs } = task;
  const worker = await open({ node: 'worker', task: 'lateness', expect: warmUp + jobs });
  await worker.ask('work');
  const adder = await open({ node: 'adder', task: 'lateness' });
  const all = worker.tells('all');
  await adder.ask('addSingly', { jobs: warmUp + jobs, everyMs });
  const latenesses = (await all).slice(warmUp).sort((a, b) => a - b);
  const rank = (share) => latenesses[Math.ceil(jobs * share) - 1];
  return { p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}

/**
 * The time from the SIGKILL of the process that runs a job to the job's next start in another one.
 *
 * @param {import('./cells.mjs').Measured} measured
 */
export async function recovery({ open }) {
  const holder = await open({ node: 'holder', task: 'hold' });
  const held = holder.tells('held');
  await holder.ask('work');
  await holder.ask('addNow', 0);
  await held;
  const rescuer = await open({ node: 'rescuer', task: 'once' });
  const ran = rescuer.tells('ran');
  await rescuer.ask('work');
  await holder.kill();
  const killedAt = Date.now();
  return { seconds: ((await ran) - killedAt) / SECOND };
}
