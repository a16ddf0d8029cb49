/** What one use of a decorator says of the method below it. */
export interface MethodMark<T> {
  readonly method: string | symbol;
  readonly value: T;
  /** Why it cannot work there, in words that follow the decorator's name; null when it can. */
  readonly problem: string | null;
}

/**
 * What a decorator has said, kept by the class that it was written in. Not on the method's function: a decorator
 * further up may put another function in its place. Nor on a list that a subclass shares: siblings would see it.
 */
export class MethodMarks<T> {
  private readonly byTarget = new WeakMap<object, MethodMark<T>[]>();
  private fresh: WeakRef<object>[] = [];

  add(target: object, method: string | symbol, descriptor: PropertyDescriptor | undefined, value: T): void {
    const marks = this.byTarget.get(target) ?? [];
    if (marks.length === 0) this.fresh.push(new WeakRef(target));
    this.byTarget.set(target, marks);
    // The decorators of one method are applied from the lowest up: the order in which they are written is the reverse.
    const above = marks.findIndex((mark) => mark.method === method);
    marks.splice(above < 0 ? marks.length : above, 0, { method, value, problem: problemOf(target, descriptor) });
  }

  /**
   * The marks that hold for the instances of a class, those of its base classes included. A method that a subclass
   * overrides has the marks of the override alone, as with Nest's own method decorators.
   *
   * @param prototype - the class's.
   */
  of(prototype: object): readonly MethodMark<T>[] {
    const found: MethodMark<T>[] = [];
    const overridden = new Set<PropertyKey>();
    for (const target of chain(prototype, Object.prototype)) {
      found.push(...(this.byTarget.get(target) ?? []).filter(({ method }) => !overridden.has(method)));
      for (const key of Reflect.ownKeys(target)) overridden.add(key);
    }
    return [...found, ...this.ofStatics(prototype)];
  }

  /** The prototypes that were marked since this was asked last, and that none of the given ones is or inherits from. */
  newTargetsBeside(prototypes: readonly object[]): readonly object[] {
    const used = new Set(prototypes.flatMap((prototype) => [...chain(prototype, Object.prototype)]));
    const targets = this.fresh.flatMap((ref) => ref.deref() ?? []);
    this.fresh = [];
    return targets.filter((target) => typeof target !== 'function' && !used.has(target));
  }

  private ofStatics(prototype: object): readonly MethodMark<T>[] {
    const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    if (typeof constructor !== 'function') return [];
    return [...chain(constructor, Function.prototype)].flatMap((target) => this.byTarget.get(target) ?? []);
  }
}

function problemOf(target: object, descriptor: PropertyDescriptor | undefined): string | null {
  if (typeof target === 'function') return 'stands on a static method: only methods of instances can be called';
  if (descriptor === undefined) return 'stands on a property: only methods can be called';
  return typeof descriptor.value === 'function' ? null : 'stands on an accessor: only methods can be called';
}

function* chain(from: object, end: object): Generator<object> {
  for (let at: object | null = from; at !== null && at !== end; at = Object.getPrototypeOf(at) as object | null)
    yield at;
}
