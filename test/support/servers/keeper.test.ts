import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Keeper } from './keeper.js';

const endless = (): ReturnType<typeof spawn> => spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);

it('A keeper kills all processes that it watches, including stopped ones, and none that it was told to forget', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keeper-'));
  const keeper = new Keeper(folder);
  const [running, stopped, forgotten] = [endless(), endless(), endless()];
  const ends = Promise.all([running, stopped].map((child) => once(child, 'close')));
  keeper.watch('running', running.pid!);
  keeper.watch('stopped', stopped.pid!);
  keeper.watch('forgotten', forgotten.pid!);
  stopped.kill('SIGSTOP');
  keeper.forget('forgotten');
  await keeper.end();
  expect((await ends).map(([, signal]) => String(signal))).toEqual(['SIGKILL', 'SIGKILL']);
  expect(existsSync(folder)).toBe(false);
  expect(forgotten.exitCode ?? forgotten.signalCode).toBeNull();
  forgotten.kill('SIGKILL');
});
