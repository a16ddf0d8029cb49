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
});
