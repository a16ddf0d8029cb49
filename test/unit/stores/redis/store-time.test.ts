import { describe, expect, it } from 'vitest';
import { StoreTime } from '../../../../lib/stores/redis/store-time.js';
import { HOUR, memoryLogger, START } from '../../../support/engine.js';

describe('The offset of a Redis server to this node', () => {
  it('stays that of the best measurement while worse ones agree with it', () => {
    const time = new StoreTime(() => memoryLogger());
    time.observe(START, START + 1, START + 2);
    time.observe(START, START + 40, START + 50);
    expect(time.skewMs).toBe(0);
  });

  it.each([HOUR, -HOUR])(
    'is a new one at once when a clock has been set by %i ms, which is logged each time',
    (jump) => {
      const logger = memoryLogger();
      const time = new StoreTime(() => logger);
      time.observe(START, START + 0.1, START + 0.2);
      time.observe(START, START + jump + 25, START + 50);
      expect(time.measuredSkewMs).toBe(jump);
      expect(logger.lines).toEqual([expect.stringContaining('3600.0 s')]);
      time.observe(START, START + 25, START + 50);
      time.observe(START, START + jump + 25, START + 50);
      expect(time.measuredSkewMs).toBe(jump);
      expect(logger.lines).toHaveLength(2);
    },
  );
});
