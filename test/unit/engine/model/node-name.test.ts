import { Scheduler } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { memoryLogger } from '../../../support/engine.js';

const make = (node: string): Scheduler => new Scheduler({ node, logger: memoryLogger() });

describe('The name of a node', () => {
  it.each(['<web> "1"', '__proto__', '日本 𝒳', 'two\nlines', 'n'.repeat(255)])('may be %j', (node) => {
    expect(() => make(node)).not.toThrow();
  });

  it.each(['', 'a\0b', 'a\ud800', 'n'.repeat(256), 5, null, {}])(
    'is refused before a store is opened if it is %j',
    (node) => {
      const problem = 'node must be a text of 1 to 255 characters without NUL or lone surrogates';
      expect(() => make(node as string)).toThrow(problem);
    },
  );
});
