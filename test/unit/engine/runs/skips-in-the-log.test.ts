import { expect, it } from 'vitest';
import { engineWorld, MINUTE, SECOND } from '../../../support/engine.js';

it('A job that skips again and again says so once a minute, with a count of the skips in between', async () => {
  const { clock, scheduler, logger } = engineWorld();
  // Each run is over before the next skip begins: every skip is an episode of its own.
  const task = (): Promise<void> => new Promise((resolve) => clock.setTimer(resolve, 1.5 * SECOND));
  await scheduler.addJob({ id: 'slow', task, trigger: 'interval', seconds: 1 });
  await scheduler.start();
  await clock.advance(MINUTE + 30 * SECOND);
  expect(logger.lines.filter((line) => line.includes('skipped'))).toEqual([
    'warn: Run of job "slow" skipped: it is running 1 time(s) already, its maxInstances',
    'warn: Run of job "slow" skipped: it is running 1 time(s) already, its maxInstances; 29 more since the last such line',
  ]);
  await scheduler.shutdown({ wait: false });
});
