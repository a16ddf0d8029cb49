/** An operation has spent the work that it may do. */
export class WorkExhausted extends Error {}

let current: WorkBudget | null = null;

/**
 * How much work one operation may do, in units of about a microsecond. All work counts, however deeply it is nested: an
 * operation inside another one also spends the budget around it.
 */
export class WorkBudget {
  constructor(private left: number) {}

  /** @throws WorkExhausted when the operation, or one around it, has spent its budget */
  run<T>(operation: () => T): T {
    const outer = enter(this);
    // What the one around it has left is all that there is, and is settled at the end: spending is frequent.
    const kept = outer === null ? 0 : Math.max(0, this.left - outer.left);
    const begun = (this.left -= kept);
    try {
      return operation();
    } finally {
      if (outer !== null) outer.left -= begun - this.left;
      this.left += kept;
      enter(outer);
    }
  }

  get isExhausted(): boolean {
    return this.left < 0;
  }

  spend(units: number): void {
    this.left -= units;
    if (this.left < 0) throw new WorkExhausted();
  }
}

/** @returns the budget that was in force before. */
function enter(budget: WorkBudget | null): WorkBudget | null {
  const before = current;
  current = budget;
  return before;
}

/** Counts work towards the operation under way; free where no budget is set. */
export function spendWork(units: number): void {
  current?.spend(units);
}
