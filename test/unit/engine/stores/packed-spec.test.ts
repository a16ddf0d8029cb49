import { describe, expect, it } from 'vitest';
import type { JobRecord, JobSpec } from '../../../../lib/engine/job.js';
import { KnownOptions, pack, PackedSpec } from '../../../../lib/engine/stores/packed-spec.js';
import { CronTrigger } from '../../../../lib/engine/triggers/cron.trigger.js';
import { jobRecord } from '../../../../lib/testing/conformance/sample-jobs.js';

/** Something else for each member of a job. */
const OTHERS: Required<JobSpec> = {
  id: 'other',
  name: 'other',
  task: 'other',
  handler: () => undefined,
  args: ['other'],
  kwargs: { other: true },
  trigger: new CronTrigger({ hour: 9 }),
  startOpen: true,
  executor: 'other',
  coalesce: 'earliest',
  catchUpLimit: 7,
  misfireGraceTime: 7,
  maxInstances: 7,
  overlap: 'replace',
  maxQueued: 7,
  timeout: 7,
  retry: { attempts: 7, delay: 7, backoff: 'fixed', maxDelay: 7, jitter: 7 },
  runOnStart: true,
  declaredBy: { release: '7' },
};

function specOf({ nextRunTime: _next, nextNominalTime: _nominal, paused: _paused, ...spec }: JobRecord): JobSpec {
  return spec;
}

function unpacked(kept: PackedSpec | JobSpec): JobSpec {
  return kept instanceof PackedSpec ? kept.unpack() : kept;
}

describe('a packed job', () => {
  const spec = specOf(jobRecord('a', 0, { args: [1], kwargs: { b: 2 } }));

  it('is what it was', () => {
    const packed = pack(spec, new KnownOptions());
    expect(packed).toBeInstanceOf(PackedSpec);
    expect(packed.id).toBe('a');
    expect(unpacked(packed)).toEqual(spec);
  });

  it.each(Object.entries(OTHERS))('is itself where its %s is another than that of one before it', (name, value) => {
    const known = new KnownOptions();
    const other = { ...spec, [name]: value };
    expect(other).not.toEqual(spec);
    const [first, second] = [pack(spec, known), pack(other, known)];
    expect([unpacked(first), unpacked(second)]).toEqual([spec, other]);
    expect(unpacked(pack(spec, known))).toEqual(spec);
  });

  it('keeps options once that jobs of a few kinds have in common, and is itself among many kinds', () => {
    const known = new KnownOptions();
    const kinds = Array.from({ length: 40 }, (_, number) => ({ ...spec, timeout: number + 1 }));
    const optionsOf = (kind: JobSpec): unknown => (pack(kind, known) as unknown as { options: unknown }).options;
    const [first, second] = kinds as [JobSpec, JobSpec];
    const seen = [first, second, { ...first, id: 'b' }, { ...second, id: 'c' }].map(optionsOf);
    expect(seen[2]).toBe(seen[0]);
    expect(seen[3]).toBe(seen[1]);
    const all = [...kinds, ...kinds];
    expect(all.map((kind) => unpacked(pack(kind, known)))).toEqual(all);
  });
});
