import { describe, expect, it } from 'vitest';
import { makePlan, SKEW_MS, startSkews, type Mishap, type PlanOptions } from './plan.js';

const options: PlanOptions = {
  ...{ seed: 1, nodes: 4, windowMs: 60_000, leaseMs: 15_000 },
  mishaps: { kill: 3, stop: 2, cut: 1, silence: 1, restart: 1, crash: 1, jump: 4 },
};
const seeds = Array.from({ length: 200 }, (_, seed) => seed);

type NodeMishap = Extract<Mishap, { node: number; forMs: number }>;
const ofNodes = (plan: readonly Mishap[]): NodeMishap[] => plan.filter((one): one is NodeMishap => 'forMs' in one);

describe('A plan of mishaps', () => {
  it('is the same for the same seed, and different for another seed', () => {
    expect(makePlan(options)).toEqual(makePlan(options));
    expect(makePlan({ ...options, seed: 2 })).not.toEqual(makePlan(options));
  });

  it('has all requested mishaps in order of time, for every seed', () => {
    for (const seed of seeds) {
      const plan = makePlan({ ...options, seed });
      const counts = Object.fromEntries(
        Object.keys(options.mishaps).map((name) => [name, plan.filter(({ kind }) => kind === name).length]),
      );
      expect(counts, `seed ${seed}`).toEqual(options.mishaps);
      expect(plan.map(({ at }) => at)).toEqual(plan.map(({ at }) => at).sort((a, b) => a - b));
    }
  });

  it('leaves at least one node unharmed at any time, and no node has two mishaps at once', () => {
    for (const seed of seeds) {
      const plan = ofNodes(makePlan({ ...options, seed }));
      for (const { at } of plan) {
        const under = plan.filter((one) => one.at <= at && at < one.at + one.forMs).map(({ node }) => node);
        expect(new Set(under).size, `seed ${seed}`).toBe(under.length);
        expect(under.length, `seed ${seed}`).toBeLessThan(options.nodes);
      }
    }
  });

  it('lasts longer than the lease if the node is to lose it', () => {
    const plan = ofNodes(makePlan(options)).filter(({ kind }) => kind !== 'kill');
    expect(Math.min(...plan.map(({ forMs }) => forMs))).toBeGreaterThan(options.leaseMs);
  });

  it('is rejected when the mishaps do not fit into the time', () => {
    expect(() => makePlan({ ...options, nodes: 2, windowMs: 20_000 })).toThrow(/do not fit into 20 s with 2 nodes/);
  });

  it('starts with clocks that are right, five minutes ahead and five minutes behind', () => {
    expect(startSkews(1, 4).slice(0, 3)).toEqual([0, SKEW_MS, -SKEW_MS]);
    expect(Math.abs(startSkews(1, 4)[3] as number)).toBeLessThanOrEqual(SKEW_MS);
  });
});
