import { Scheduler, silentLogger } from 'nestjs-apscheduler/engine';
import type { RunStatement } from './evidence.js';
import type { StoreSite } from './messages.js';
import { HISTORY, storeAt } from './open-store.js';

const PAGE = 1000;

/** Reads all runs of a store through the public API. */
export async function readHistory(site: StoreSite): Promise<readonly RunStatement[]> {
  const scheduler = new Scheduler({ jobStores: { default: storeAt(site) }, logger: silentLogger, history: HISTORY });
  await scheduler.start({ paused: true });
  try {
    const all: RunStatement[] = [];
    let cursor: string | null = null;
    do {
      const page = await scheduler.getRuns({ limit: PAGE, ...(cursor !== null && { cursor }) });
      for (const { id, jobId, nominalTime, lastNominalTime, attempt, state, reason } of page.runs) {
        all.push({ id, jobId, nominalTime, lastNominalTime, attempt, state, reason });
      }
      cursor = page.nextCursor;
    } while (cursor !== null);
    return all;
  } finally {
    await scheduler.shutdown();
  }
}
