import { describe, expect, it } from 'vitest';
import { decodeNodeDescription, encodeNodeDescription } from '../../../../lib/engine/model/node-description.js';
import type { NodeDescription } from '../../../../lib/engine/model/node.js';

const SAID: NodeDescription = {
  state: 'paused',
  roles: { schedule: false, execute: ['heavy'] },
  executors: ['default', 'heavy'],
  tasks: [
    { name: 'mail', rest: true },
    { name: '"Zürich"\n\0𝒳\ud800', rest: true },
    { name: 'internal', rest: false },
  ],
  complete: true,
};

describe('What a node says of itself', () => {
  it('is read as it was written, whatever its names are', () => {
    const text = encodeNodeDescription(SAID);
    expect(decodeNodeDescription(text)).toEqual(SAID);
    // Databases refuse these in texts.
    expect(text).not.toContain('\0');
    expect(text.isWellFormed()).toBe(true);
  });

  it.each([
    ['of many names', Array.from({ length: 20_000 }, (_, index) => `task number ${index}`), 2000],
    [
      'of names of several bytes a character',
      Array.from({ length: 5000 }, (_, index) => `${index} ${'日'.repeat(20)}`),
      500,
    ],
    [
      'of names that JSON has to escape',
      Array.from({ length: 5000 }, (_, index) => `${index} ${'\u0001'.repeat(20)}`),
      400,
    ],
  ])('takes 64 KiB at most %s, and says that some are missing', (_title, names, least) => {
    const text = encodeNodeDescription({
      ...SAID,
      tasks: names.map((name, index) => ({ name, rest: index % 2 === 0 })),
    });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
    const said = decodeNodeDescription(text);
    expect(said).toMatchObject({ state: 'paused', executors: SAID.executors, complete: false });
    expect(said?.tasks.length).toBeGreaterThan(least);
    expect(names.slice(0, least)).toEqual(
      expect.arrayContaining(said?.tasks.slice(0, 10).map(({ name }) => name) ?? []),
    );
  });

  it('leaves out a name that has no room, and no other one', () => {
    const huge = 'x'.repeat(70_000);
    const roles = { schedule: true, execute: [huge, 'default'] };
    const tasks = [huge, 'mail'].map((name) => ({ name, rest: true }));
    const said = decodeNodeDescription(
      encodeNodeDescription({ state: 'running', roles, executors: [huge, 'default'], tasks }),
    );
    const named = { executors: ['default'], tasks: [{ name: 'mail', rest: true }] };
    const kept = { state: 'running', roles: { schedule: true, execute: ['default'] }, ...named, complete: false };
    expect(said).toEqual(kept);
  });

  it.each([
    ...[null, '', '{', 'null', '[]', '5', '{}'],
    JSON.stringify({ state: 'dancing', executors: [], tasks: [], hidden: [], complete: true }),
    JSON.stringify({ state: 'running', executors: 'default', tasks: [], hidden: [], complete: true }),
    JSON.stringify({ state: 'running', executors: [], tasks: [5], hidden: [], complete: true }),
    JSON.stringify({ state: 'running', executors: [], tasks: [], complete: true }),
  ])('is unknown where it is %s', (text) => {
    expect(decodeNodeDescription(text)).toBeNull();
  });

  it('may have members that a later release adds', () => {
    const text = JSON.stringify({ ...(JSON.parse(encodeNodeDescription(SAID)) as object), regions: ['eu'] });
    expect(decodeNodeDescription(text)).toEqual(SAID);
  });

  it.each([undefined, null, ['schedule'], { schedule: true }, { schedule: true, execute: [5] }])(
    'means all roles where they are %j: an earlier release has none',
    (roles) => {
      const text = JSON.stringify({ ...(JSON.parse(encodeNodeDescription(SAID)) as object), roles });
      expect(decodeNodeDescription(text)).toEqual({ ...SAID, roles: { schedule: true, execute: true } });
    },
  );
});
