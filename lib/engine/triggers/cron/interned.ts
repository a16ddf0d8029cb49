/**
 * Keeps one value per key for as long as anybody uses it, so that equal triggers share what their expression
 * was compiled to.
 */
export class Interned<T extends object> {
  private readonly values = new Map<string, WeakRef<T>>();
  private readonly cleanup = new FinalizationRegistry<string>((key) => {
    if (this.values.get(key)?.deref() === undefined) this.values.delete(key);
  });

  get(key: string, make: () => T): T {
    const known = this.values.get(key)?.deref();
    if (known !== undefined) return known;
    const value = make();
    this.values.set(key, new WeakRef(value));
    this.cleanup.register(value, key);
    return value;
  }
}
