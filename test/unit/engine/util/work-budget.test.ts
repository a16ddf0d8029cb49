import { describe, expect, it } from 'vitest';
import { spendWork, WorkBudget, WorkExhausted } from '../../../../lib/engine/util/work-budget.js';

describe('A work budget', () => {
  it('stops an operation that spends more, and counts nothing outside of it', () => {
    const budget = new WorkBudget(10);
    spendWork(1000);
    budget.run(() => spendWork(10));
    expect(budget.isExhausted).toBe(false);
    expect(() => budget.run(() => spendWork(1))).toThrow(WorkExhausted);
    expect(budget.isExhausted).toBe(true);
  });

  it('is spent by the operations inside, whatever budgets these have', () => {
    const outer = new WorkBudget(10);
    outer.run(() => {
      new WorkBudget(100).run(() => spendWork(6));
      expect(() => new WorkBudget(100).run(() => spendWork(6))).toThrow(WorkExhausted);
    });
    expect(outer.isExhausted).toBe(true);
  });

  it('of an operation inside is its own limit, and the one around it goes on with what is left', () => {
    const [outer, inner] = [new WorkBudget(10), new WorkBudget(3)];
    outer.run(() => {
      inner.run(() => spendWork(2));
      expect(() => inner.run(() => spendWork(2))).toThrow(WorkExhausted);
      spendWork(6);
      expect(outer.isExhausted).toBe(false);
      expect(() => spendWork(1)).toThrow(WorkExhausted);
    });
    expect([inner.isExhausted, outer.isExhausted]).toEqual([true, true]);
  });
});
