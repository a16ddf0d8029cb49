import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdTable } from '../../../../lib/engine/stores/id-table.js';

interface Thing {
  readonly id: string;
}

/** A table, and a map that is told the same: what the one has shown ought to be what the other has. */
class Pair {
  private readonly map = new Map<string, Thing>();
  readonly table = new IdTable<Thing>();
  readonly shown = { table: [] as unknown[], map: [] as unknown[] };

  add(id: string): void {
    const thing = { id };
    const isFree = !this.map.has(id);
    if (isFree) this.map.set(id, thing);
    this.note(this.table.add(thing), isFree);
  }

  delete(id: string): void {
    this.note(this.table.delete(id), this.map.delete(id));
  }

  clear(): void {
    this.map.clear();
    this.table.clear();
  }

  look(ids: readonly string[]): void {
    const { table, map } = this;
    this.note(table.size, map.size);
    this.note([...table], [...map.values()]);
    this.note(
      ids.map((id) => table.get(id)),
      ids.map((id) => map.get(id)),
    );
  }

  private note(ofTable: unknown, ofMap: unknown): void {
    this.shown.table.push(ofTable);
    this.shown.map.push(ofMap);
  }
}

describe('IdTable', () => {
  it('does what a map does, in the order of a map', () => {
    const id = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.constantFrom('', 'a', 'job-1', 'job-2'));
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ does: fc.constant('add' as const), id }) },
      { weight: 4, arbitrary: fc.record({ does: fc.constant('delete' as const), id }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('clear' as const), id }) },
    );
    fc.assert(
      fc.property(fc.array(step, { size: 'large' }), (steps) => {
        const pair = new Pair();
        for (const { does, id } of steps) pair[does](id);
        pair.look(steps.map(({ id }) => id));
        expect(pair.shown.table).toEqual(pair.shown.map);
      }),
    );
  });

  it('finds what is there, and nothing else, when it has grown with holes in it', () => {
    const pair = new Pair();
    const ids = Array.from({ length: 5000 }, (_, i) => `job-${i}`);
    for (const [i, id] of ids.entries()) {
      pair.add(id);
      if (i % 3 === 0) pair.delete(`job-${i / 3}`);
      if (i % 7 === 0) pair.add(`job-${i >> 3}`);
    }
    pair.look(ids);
    for (const id of ids) pair.delete(id);
    pair.look(ids);
    for (const id of ids) pair.add(id);
    pair.look(ids);
    expect(pair.shown.table).toEqual(pair.shown.map);
  });

  it('does not grow by what comes and goes', () => {
    const pair = new Pair();
    for (let i = 0; i < 10; i++) pair.add(`stays-${i}`);
    for (let i = 0; i < 20_000; i++) {
      pair.add('goes');
      pair.delete('goes');
    }
    const { items, slots } = pair.table as unknown as { items: unknown[]; slots: Int32Array };
    expect(items.length).toBeLessThan(100);
    expect(slots.length).toBeLessThan(500);
    pair.look(['goes', 'stays-0', 'stays-9']);
    expect(pair.shown.table).toEqual(pair.shown.map);
  });

  it('tells ids apart that have the same hash: among this many there are some', () => {
    const table = new IdTable<Thing>();
    const ids = Array.from({ length: 400_000 }, () => randomUUID());
    const refused = ids.filter((id) => !table.add({ id }));
    expect(refused).toEqual([]);
    const { slots } = table as unknown as { slots: Int32Array };
    const hashes = slots.filter((_, at) => at % 2 === 0 && slots[at + 1] !== 0);
    expect(new Set(hashes).size).toBeLessThan(ids.length);
    expect(ids.filter((id) => table.get(id)?.id !== id)).toEqual([]);
    expect(table.get(randomUUID())).toBeUndefined();
  });
});
