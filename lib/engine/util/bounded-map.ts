/** The most that a {@link BoundedMap} keeps. */
export interface MapBounds {
  readonly entries: number;
  /** The sum of the weights that are given with the entries. */
  readonly weight: number;
}

interface Weighed<V> {
  readonly value: V;
  readonly weight: number;
}

/** A cache that evicts what was used longest ago, once it has too many entries or they weigh too much. */
export class BoundedMap<K, V> {
  private readonly entries = new Map<K, Weighed<V>>();
  private total = 0;

  constructor(private readonly bounds: MapBounds) {}

  get size(): number {
    return this.entries.size;
  }

  /** The sum of the weights. */
  get weight(): number {
    return this.total;
  }

  get(key: K): V | undefined {
    const found = this.entries.get(key);
    if (found === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, found);
    return found.value;
  }

  /** Keeps an entry as the one used last. One that is too heavy alone is not kept. */
  set(key: K, value: V, weight: number): void {
    const { entries, bounds } = this;
    this.delete(key);
    if (weight > bounds.weight) return;
    entries.set(key, { value, weight });
    this.total += weight;
    for (const oldest of entries.keys()) {
      if (entries.size <= bounds.entries && this.total <= bounds.weight) break;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    const found = this.entries.get(key);
    if (found === undefined) return;
    this.entries.delete(key);
    this.total -= found.weight;
  }

  clear(): void {
    this.entries.clear();
    this.total = 0;
  }
}
