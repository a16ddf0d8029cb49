import { Logger } from '@nestjs/common';
import { expect, it, onTestFinished } from 'vitest';
import { nestLogger } from '../../../lib/module/nest.logger.js';

function logged(log: (logger: ReturnType<typeof nestLogger>) => void): unknown[] {
  const lines: unknown[] = [];
  const keep =
    (level: string) =>
    (...args: unknown[]) =>
      lines.push([level, ...args]);
  Logger.overrideLogger({ log: keep('log'), error: keep('error'), warn: keep('warn'), debug: keep('debug') });
  onTestFinished(() => Logger.overrideLogger(['error']));
  log(nestLogger());
  return lines;
}

it("speaks through Nest's logger under the name Scheduler", () => {
  expect(
    logged((logger) => {
      logger.debug('a');
      logger.info('b');
      logger.warn('c');
      logger.error('d');
    }),
  ).toEqual([
    ['debug', 'a', 'Scheduler'],
    ['log', 'b', 'Scheduler'],
    ['warn', 'c', 'Scheduler'],
    ['error', 'd', undefined, 'Scheduler'],
  ]);
});

it('hands an error on as its message and its stack', () => {
  const error = new Error('disk full');
  const [line] = logged((logger) => logger.error('Job "a" failed', error));
  expect(line).toEqual(['error', 'Job "a" failed: disk full', error.stack, 'Scheduler']);
});

it.each([
  ['text', 'Job "a" failed: text'],
  [null, 'Job "a" failed: null'],
  [Object.create(null), 'Job "a" failed: [Object: null prototype] {}'],
])('prints %o, which is no error with a stack', (thrown, message) => {
  const [line] = logged((logger) => logger.error('Job "a" failed', thrown));
  expect(line).toEqual(['error', message, undefined, 'Scheduler']);
});
