import { IntervalTrigger } from 'nestjs-apscheduler/engine';
import { expect, it } from 'vitest';
import { decodeJob, encodeJob } from '../../../../lib/stores/redis/job-codec.js';
import { record } from '../../../contract/job-store.suite.js';

it('A definition keeps what a later release has written there, and shows it to nobody', () => {
  const trigger = new IntervalTrigger({ hours: 1, startDate: 0, timezone: 'UTC' });
  const job = record('a', 1000, { trigger, declaredBy: { release: '1' } });
  const later = JSON.stringify({ colour: 'red', ...JSON.parse(encodeJob(job)) });
  const read = decodeJob('a', later);
  expect(read).not.toHaveProperty('colour');
  const written = encodeJob({ ...job, ...read, name: 'new' }, later);
  expect(JSON.parse(written)).toMatchObject({ name: 'new', colour: 'red', declaredBy: { release: '1' } });
  expect(written).toMatch(/,"trigger":\{[^{}]*\}\}$/);
  const { declaredBy: _declaredBy, ...undeclared } = job;
  expect(JSON.parse(encodeJob(undeclared, later))).not.toHaveProperty('declaredBy');
});
