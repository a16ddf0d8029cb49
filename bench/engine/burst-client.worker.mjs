/* Sends requests at a fixed rate, whether or not the previous ones have been answered. */
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { receive } from '../support/worker.mjs';

const { port, everyMs } = await receive();
const agent = new Agent({ keepAlive: true });
const now = () => performance.timeOrigin + performance.now();
const answers = [];
const timer = setInterval(() => {
  const sent = now();
  get({ agent, host: '127.0.0.1', port }, (response) => {
    response.resume().once('end', () => answers.push({ sent, tookMs: now() - sent }));
  });
}, everyMs);
await once(process, 'message');
clearInterval(timer);
process.send?.(answers, () => process.exit(0));
