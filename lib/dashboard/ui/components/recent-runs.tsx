import { useEffect, useState } from 'preact/hooks';
import type { Job, Run } from '../../../client/index.js';
import { can, client } from '../api.js';
import { Strip } from './run-parts.js';

const SHOWN = 12;
/** How many rows ask at once: a page of jobs must not take all the connections of a browser. */
const AT_ONCE = 3;

let active = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  if (active >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  active++;
  try {
    return await ask();
  } finally {
    active--;
    waiting.shift()?.();
  }
}

/** The last runs of a job, asked for again only when it has had another one. */
export function RecentRuns({ job }: { job: Job }) {
  const [runs, setRuns] = useState<readonly Run[]>([]);
  const last = job.last_run;
  const seen = last && `${last.id} ${last.state}`;
  useEffect(() => {
    if (seen === null || !can('runs.read')) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    inTurn(async () => {
      if (signal.aborted) return;
      setRuns((await client.getJobRuns(job.id, { limit: SHOWN }, { signal })).runs);
    }).catch(() => undefined); // The page itself says what is wrong.
    return () => controller.abort();
  }, [job.id, seen]);
  return runs.length === 0 ? <span class="quiet">–</span> : <Strip runs={runs} />;
}
