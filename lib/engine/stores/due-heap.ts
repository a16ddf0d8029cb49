/** Something that falls due, and its place in the heap; -1 when it is in none. */
export interface Due {
  /** In epoch milliseconds; Infinity for never. */
  dueAt: number;
  position: number;
}

/** A binary heap by due time: the first is found at once, any other is moved in logarithmic time. */
export class DueHeap<T extends Due> {
  private readonly entries: T[] = [];

  get first(): T | undefined {
    return this.entries[0];
  }

  /** Puts an entry where its due time says, whether it was here before or not; one that is never due is taken out. */
  place(entry: T): void {
    if (entry.dueAt === Infinity) {
      this.remove(entry);
      return;
    }
    if (entry.position < 0) {
      entry.position = this.entries.length;
      this.entries.push(entry);
    }
    this.settle(entry);
  }

  remove(entry: T): void {
    const { position } = entry;
    if (position < 0) return;
    entry.position = -1;
    const last = this.entries.pop();
    if (last === undefined || last === entry) return;
    last.position = position;
    this.entries[position] = last;
    this.settle(last);
  }

  clear(): void {
    for (const entry of this.entries) entry.position = -1;
    this.entries.length = 0;
  }

  private settle(entry: T): void {
    const { entries } = this;
    const { dueAt } = entry;
    let position = entry.position;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = entries[parent] as T;
      if (above.dueAt <= dueAt) break;
      entries[position] = above;
      above.position = position;
      position = parent;
    }
    for (;;) {
      let child = 2 * position + 1;
      if (child >= entries.length) break;
      const right = child + 1;
      if (right < entries.length && (entries[right] as T).dueAt < (entries[child] as T).dueAt) {
        child = right;
      }
      const below = entries[child] as T;
      if (below.dueAt >= dueAt) break;
      entries[position] = below;
      below.position = position;
      position = child;
    }
    entries[position] = entry;
    entry.position = position;
  }
}
