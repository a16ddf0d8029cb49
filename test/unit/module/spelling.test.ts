import { describe, expect, it } from 'vitest';
import { toCamelCase, toSnakeCase } from '../../../lib/module/spelling.js';

describe('the spelling of names', () => {
  it.each([
    ['id', 'id'],
    ['dayOfWeek', 'day_of_week'],
    ['misfireGraceTime', 'misfire_grace_time'],
  ])('writes %s as %s, there and back', (camel, snake) => {
    expect(toSnakeCase(camel)).toBe(snake);
    expect(toCamelCase(snake)).toBe(camel);
  });
});
