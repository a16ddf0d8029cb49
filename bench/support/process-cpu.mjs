import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

let ticksPerSecond;

/**
 * The processor time of a process and its children, including ended ones, in milliseconds. NaN without /proc.
 *
 * @param {number} pid
 */
export function cpuMsOf(pid) {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const own = fieldsOf(pid);
  if (own === undefined) return NaN;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(fieldsOf)
    .filter((fields) => fields?.[PARENT] === pid);
  const ticks = [
    own[USER],
    own[SYSTEM],
    own[USER + 2],
    own[SYSTEM + 2],
    ...children.flatMap((one) => [one[USER], one[SYSTEM]]),
  ];
  return (ticks.reduce((sum, value) => sum + value, 0) / ticksPerSecond) * 1000;
}

/* Indexes of fields in /proc/<pid>/stat after the program's name, which is in brackets and may contain anything. */
const PARENT = 1;
const USER = 11;
const SYSTEM = 12;

function fieldsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').map(Number);
  } catch {
    // It has ended in the meantime, or this is not Linux.
    return undefined;
  }
}
