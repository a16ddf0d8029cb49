/** Keeps values that are slow to make. When it is full, the oldest goes. */
export class BoundedCache<K, V> {
  private readonly values = new Map<K, V>();

  constructor(private readonly limit: number) {}

  get(key: K): V | undefined {
    return this.values.get(key);
  }

  getOrMake(key: K, make: () => V): V {
    return this.values.get(key) ?? this.set(key, make());
  }

  set(key: K, value: V): V {
    if (this.values.size >= this.limit && !this.values.has(key)) {
      for (const oldest of this.values.keys()) {
        this.values.delete(oldest);
        break;
      }
    }
    this.values.set(key, value);
    return value;
  }
}
