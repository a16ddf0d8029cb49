import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from 'nestjs-apscheduler/engine';
import { storeEntry } from '../../../../lib/engine/runs/store-entry.js';
import type { AuditFilter, JobStore } from '../../../../lib/engine/stores/job-store.js';
import { OtherAudit } from '../../../../lib/engine/watch/other-audit.js';
import { START } from '../../../support/engine.js';

/** What {@link OtherAudit} asks of a store, and how often. */
class FakeStore {
  ids: string[] = [];
  unreadable = new Set<string>();
  asked = 0;

  findAudit({ before = 'z', limit }: AuditFilter, onUnreadable: (id: string) => void): Promise<AuditRecord[]> {
    this.asked++;
    const page = this.ids
      .filter((id) => id < before)
      .toSorted()
      .toReversed()
      .slice(0, limit);
    for (const id of page) if (this.unreadable.has(id)) onUnreadable(id);
    return Promise.resolve(page.filter((id) => !this.unreadable.has(id)).map((id) => recordOf(id)));
  }
}

const idOf = (number: number, node = 'bbbb'): string => `${String(number).padStart(6, '0')}-${node}`;
const recordOf = (id: string): AuditRecord => ({
  ...{ id, time: START, action: 'job.pause', actor: 'ann', jobId: 'daily', runId: null },
  ...{ changes: [], node: 'other', address: null, note: null, release: null },
});

describe('Audit entries of other nodes', () => {
  let store: FakeStore;
  let others: OtherAudit;
  beforeEach(() => {
    store = new FakeStore();
    const shared = Object.assign(store, { capabilities: { durable: false } }) as unknown as JobStore;
    others = new OtherAudit(storeEntry('default', shared), '-aaaa');
  });
  const look = async (): Promise<(number | string)[]> =>
    (await others.look(START)).map((change) =>
      'auditId' in change ? Number.parseInt(change.auditId) : `${change.type} of ${'of' in change ? change.of : ''}`,
    );
  const put = (...numbers: number[]): void => void store.ids.push(...numbers.map((number) => idOf(number)));
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

  it('are told once each from the second look on, the oldest first, without those of this node', async () => {
    put(1, 2);
    expect(await look()).toEqual([]);
    put(4, 3);
    store.ids.push(idOf(5, 'aaaa'));
    expect(await others.look(START)).toEqual(
      [3, 4].map((number) => ({
        ...{ type: 'audit_recorded', time: START, node: 'other', auditId: idOf(number) },
        ...{ action: 'job.pause', actor: 'ann', jobId: 'daily', jobStore: 'default' },
      })),
    );
    expect(await look()).toEqual([]);
  });

  it('are found though an entry that was written before has come later', async () => {
    put(1, 5);
    await look();
    put(3);
    expect(await look()).toEqual([3]);
  });

  it('are looked at 200 at most, and a gap says that there are more', async () => {
    put(1);
    await look();
    put(...range(2, 500));
    expect(await look()).toEqual(['gap of audit', ...range(300, 500)]);
    store.asked = 0;
    expect(await look()).toEqual([]);
    expect(store.asked).toBe(1);
  });

  it('do not come back when newer entries have been pruned', async () => {
    put(...range(0, 100));
    await look();
    store.ids = store.ids.filter((id) => id < idOf(80));
    expect(await look()).toEqual([]);
  });

  it('are left out when they cannot be read, and do not hide the others', async () => {
    put(1);
    await look();
    put(...range(2, 120));
    store.unreadable = new Set(range(50, 119).map((number) => idOf(number)));
    expect(await look()).toEqual([...range(2, 50), 119]);
  });
});
