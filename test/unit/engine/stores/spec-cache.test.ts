import { describe, expect, it } from 'vitest';
import { SpecCache } from '../../../../lib/engine/stores/spec-cache.js';
import { jobRecord } from '../../../../lib/testing/conformance/sample-jobs.js';

describe('The cache of jobs that a store has read', () => {
  it('knows a job as long as it does not change and is not removed', () => {
    const cache = new SpecCache();
    const job = jobRecord('a', null);
    cache.keep('a', '1', job, 100);
    expect([cache.recall('a', '1'), cache.recall('a', '2')]).toEqual([job, undefined]);
    cache.forget('a');
    expect(cache.recall('a', '1')).toBeUndefined();
  });

  it('keeps 64 MB of jobs at most, the ones that were used last', () => {
    const cache = new SpecCache();
    for (let n = 0; n < 5000; n++) cache.keep(`job-${n}`, '1', null, 20_000);
    const kept = Array.from({ length: 5000 }, (_, n) => n).filter((n) => cache.recall(`job-${n}`, '1') === null);
    expect(kept.length * 20_000).toBeLessThan(64 * 1024 * 1024);
    expect(kept.length).toBeGreaterThan(3000);
    expect(kept[0]).toBe(5000 - kept.length);
  });
});
