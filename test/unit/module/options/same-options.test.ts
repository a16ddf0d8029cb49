import { MemoryJobStore, type SchedulerModuleOptions } from 'nestjs-apscheduler';
import { expect, it } from 'vitest';
import { resolveOptions } from '../../../../lib/module/options/resolve-options.js';
import { differingOptions } from '../../../../lib/module/options/same-options.js';

const differing = (a: SchedulerModuleOptions, b: SchedulerModuleOptions): readonly string[] =>
  differingOptions(resolveOptions(a), resolveOptions(b));

it('takes data that is written twice as the same', () => {
  const make = (): SchedulerModuleOptions => ({
    allowedHosts: ['a', 'b'],
    jobs: [{ id: 'x', task: 'tidy', trigger: 'date', runDate: new Date(5), kwargs: { deep: [1, { a: null }] } }],
    jobDefaults: { coalesce: false },
    executors: { cpu: { type: 'threads', worker: new URL('file:///app/reports.worker.js') } },
  });
  expect(differing(make(), make())).toEqual([]);
});

it('takes a default that is written out as the same', () => {
  expect(differing({}, { autoStart: true, apiPrefix: 'scheduler/' })).toEqual([]);
});

it('takes what has a behaviour as the same only when it is the very same', () => {
  const store = new MemoryJobStore();
  const authenticate = () => true;
  const options = { jobStores: { default: store }, authenticate };
  expect(differing(options, { ...options, jobStores: { default: store } })).toEqual([]);
  expect(differing(options, { jobStores: { default: new MemoryJobStore() }, authenticate: () => true })).toEqual([
    'jobStores',
    'authenticate',
  ]);
});

it('names every option that differs, also one that only one side has', () => {
  const a: SchedulerModuleOptions = { timezone: 'UTC', allowedHosts: ['a'], jobs: [{ task: 'x' }] };
  const b: SchedulerModuleOptions = { allowedHosts: ['a', 'b'], jobs: [{ task: 'x', id: 'y' }], shutdownTimeout: 1 };
  expect([...differing(a, b)].sort()).toEqual(['allowedHosts', 'jobs', 'shutdownTimeout', 'timezone']);
});
