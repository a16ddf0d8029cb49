import { reasonOf } from '../../../engine/health/reason-of.js';
import type { StoreContext } from '../../../engine/stores/job-store.js';
import type { ClusterRow } from '../cluster/cluster-row.js';
import type { SqlSession } from '../sql-session.js';
import { JobSeal } from './job-seal.js';

/** A role may not do what it wants to. */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * What seals the news of new jobs; null, which is told, where the database has not what it takes: a key, and the row that says
 * what all nodes do, without which no job is taken by its news. What is missing is made where this node may.
 */
export async function findSeal(
  session: SqlSession,
  cluster: ClusterRow,
  { alias, logger }: Pick<StoreContext, 'alias' | 'logger'>,
): Promise<JobSeal | null> {
  const doWithout = (why: string): null => {
    logger.warn(`Job store "${alias}" tells other nodes only when new jobs are due, not what: ${why}`);
    return null;
  };
  try {
    await cluster.make();
    return (await JobSeal.of(session)) ?? doWithout('the key for it in the database is none');
  } catch (error) {
    if ((error as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    return doWithout(reasonOf(error));
  }
}
