import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Cell {
  readonly places: number;
  readonly rounds: readonly { readonly runs: number; readonly p50: number; readonly max: number }[];
}

it('npm run bench -- threads --smoke measures how late the event loop is, and reports it', { timeout: 180_000 }, () => {
  const args = ['bench/run.mjs', 'threads', '--smoke'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const { cells } = JSON.parse(readFileSync(`${root}/bench/results/threads.smoke.json`, 'utf8')) as { cells: Cell[] };
  expect(cells.map(({ places }) => places > 0)).toEqual([false, true, true, true]);
  for (const { rounds } of cells) expect(rounds[0]?.max).toBeGreaterThanOrEqual(rounds[0]?.p50 ?? Infinity);
  expect(stdout).toContain('in the main thread');
});
