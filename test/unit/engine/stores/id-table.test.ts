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

function sizesOf(table: IdTable<Thing>): { items: number; slots: number; taken: number } {
  const { items, slots } = table as unknown as { items: unknown[]; slots: Int32Array };
  const taken = slots.filter((number, at) => at % 2 === 1 && number !== 0).length;
  return { items: items.length, slots: slots.length, taken };
}

describe('IdTable', () => {
  it('does what a map does, in the order of a map', () => {
    const id = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.constantFrom('', 'a', 'job-1', 'job-2'));
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ does: fc.constant('add' as const), id }) },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('delete' as const), id }) },
    );
    const clear = fc.constant({ does: 'clear' as const, id: '' });
    const steps = fc.array(fc.oneof({ weight: 60, arbitrary: step }, { weight: 1, arbitrary: clear }), { size: '+2' });
    fc.assert(
      fc.property(steps, (steps) => {
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
    expect(sizesOf(pair.table).items).toBeLessThan(100);
    expect(sizesOf(pair.table).slots).toBeLessThan(500);
    pair.look(['goes', 'stays-0', 'stays-9']);
    expect(pair.shown.table).toEqual(pair.shown.map);
  });

  it('has one slot for an id that comes and goes among many: no other is passed on the way to it', () => {
    const pair = new Pair();
    for (let i = 0; i < 20_000; i++) pair.add(`stays-${i}`);
    const before = sizesOf(pair.table).taken;
    for (let i = 0; i < 5000; i++) {
      pair.add('goes');
      pair.delete('goes');
    }
    expect(sizesOf(pair.table).taken).toBeLessThanOrEqual(before + 1);
    expect(pair.shown.table).toEqual(pair.shown.map);
  });

  it('gives back the room of those that are gone', () => {
    const pair = new Pair();
    for (let i = 0; i < 20_000; i++) pair.add(`job-${i}`);
    for (let i = 0; i < 20_000; i++) if (i % 1000 > 0) pair.delete(`job-${i}`);
    expect(sizesOf(pair.table).items).toBeLessThan(200);
    expect(sizesOf(pair.table).slots).toBeLessThan(2000);
    pair.look(['job-0', 'job-1', 'job-19000']);
    expect(pair.shown.table).toEqual(pair.shown.map);
  });

  it.each([undefined, null, 7, {}, Symbol('a')])('has nothing under %s, which is no text', (id) => {
    const table = new IdTable<Thing>();
    for (const text of ['undefined', 'null', '7', '[object Object]', 'Symbol(a)']) table.add({ id: text });
    expect(table.get(id as string)).toBeUndefined();
    expect(table.delete(id as string)).toBe(false);
    expect(table.size).toBe(5);
    table.add({ id: '' });
    table.delete('');
    expect(table.get(id as string)).toBeUndefined();
    expect(table.delete(id as string)).toBe(false);
    expect(table.size).toBe(5);
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
