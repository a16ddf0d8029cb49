import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { Program } from '../../support/program.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const programs: Program[] = [];

function run(
  name: 'nest' | 'engine' | 'cluster',
  env: Readonly<Record<string, string>> = {},
  ...args: string[]
): Program {
  const file = `test/e2e/process/${name}-program.ts`;
  const program = new Program(['--import', 'tsx', file, ...args], { cwd: root, env });
  programs.push(program);
  return program;
}

afterEach(() => {
  for (const program of programs.splice(0)) program.send('SIGKILL');
});

describe('An application that receives a signal to end', { timeout: 30_000 }, () => {
  it('waits for shutdownTimeout, aborts the runs that are still active, and ends', async () => {
    const program = run('nest');
    await program.writes(/under way/);
    const since = performance.now();
    program.send('SIGTERM');
    await program.writes(/aborted/);
    expect(await program.end()).toBe('SIGTERM');
    const took = performance.now() - since;
    expect(took).toBeGreaterThan(900);
    // Far less than if it waited for anything but the time-out of a second.
    expect(took).toBeLessThan(5000);
    await program.writes(/Job "endless" was cancelled/);
  });

  it('ends although a run ignores its signal, and logs it', async () => {
    const program = run('nest', { DEAF: '1' });
    await program.writes(/under way/);
    program.send('SIGTERM');
    expect(await program.end()).toBe('SIGTERM');
    await program.writes(/Job "endless" was lost/);
  });

  it('neither hangs nor crashes at a second signal', async () => {
    const program = run('nest', { DEAF: '1' });
    await program.writes(/under way/);
    program.send('SIGTERM');
    program.send('SIGTERM');
    program.send('SIGINT');
    // The signals may be delivered in any order.
    expect(['SIGTERM', 'SIGINT']).toContain(await program.end());
    await program.writes(/Job "endless" was lost/);
  });
});

describe('The engine alone', { timeout: 30_000 }, () => {
  it('leaves nothing behind that keeps the process alive after its shutdown', async () => {
    const program = run('engine', {}, 'SIGTERM');
    await program.writes(/started/);
    program.send('SIGTERM');
    expect(await program.end()).toBe(0);
    await program.writes(/shut down/);
  });

  it('ends at the second signal, within its time-out, while the first one waits for a run without limit', async () => {
    const program = run('engine', { PATIENT: '1' }, 'SIGINT');
    await program.writes(/started/);
    program.send('SIGINT');
    await program.writes(/asked/);
    program.send('SIGINT');
    expect(await program.end()).toBe(0);
    await program.writes(/asked[\s\S]*asked[\s\S]*shut down/);
  });
});

describe('An application in a cluster', { timeout: 30_000 }, () => {
  it('warns in a worker that each process runs all jobs in memory', async () => {
    const program = run('cluster');
    expect(await program.end()).toBe(0);
    expect(program.written.match(/This is one of several processes, under PM2 or in a cluster/g)).toHaveLength(1);
  });
});
