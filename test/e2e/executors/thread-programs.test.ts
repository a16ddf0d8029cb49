import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Program } from '../../support/program.js';
import { buildWorkers } from '../../support/threads/build-worker.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const sources = fileURLToPath(new URL('../../support/threads/', import.meta.url));

/** What a program has written, and its exit code. */
async function outputOf(...args: readonly string[]): Promise<readonly unknown[]> {
  const program = new Program(args, { cwd: root });
  const code = await program.end();
  return [...program.written.trim().split('\n'), code];
}

const greeted = { text: 'Hello, world!', isMainThread: false, started: true, run: 'greet' };
const OUTPUT = [JSON.stringify([greeted, greeted]), '[["succeeded","greets"]]', 'a thread closes', 'closed', 0];

describe(
  'An application with a worker thread runs a job in it, closes it, and ends by itself',
  { timeout: 60_000 },
  () => {
    it('from TypeScript sources with tsx, where the worker is given by the name that it is built to', async () => {
      const files = [`${sources}plain.program.ts`, `${sources}plain.worker.js`];
      expect(await outputOf('--import', 'tsx', ...files)).toEqual(OUTPUT);
    });

    it.each(['esm', 'cjs'] as const)('from bundles that have this package in them (%s)', async (format) => {
      const built = await buildWorkers(['plain.program', 'plain.worker'], format);
      expect(await outputOf(built['plain.program'], built['plain.worker'])).toEqual(OUTPUT);
    });
  },
);
