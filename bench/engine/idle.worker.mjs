/* One contender with very many jobs that are not due for hours. */
import { settledMemory } from '../support/memory.mjs';
import { answer, receive } from '../support/worker.mjs';
import { addAll, timeSingleAdds } from './adding.mjs';
import { open } from './contenders/index.mjs';
import { FireLog } from './fire-log.mjs';

const { name, jobs, more, setUpLimitMs } = await receive();
const { addIdle } = await open(name, new FireLog(0));
const before = await settledMemory();
const { added, addMs } = await addAll(addIdle, jobs, setUpLimitMs);
const after = await settledMemory();
const memory = { heapPerJob: (after.heap - before.heap) / added, rssPerJob: (after.rss - before.rss) / added };
const oneMore = added < jobs ? undefined : await timeSingleAdds(addIdle, added, more);
answer({ added, addMs, ...memory, oneMore });
