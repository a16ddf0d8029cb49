import { machine, publish } from '../support/results.mjs';
import { cell, measureAtOnce, measureInTurn } from './cells.mjs';
import { installed, versions } from './contenders/index.mjs';
import { burst, everySecond, handOver, recovery } from './measures.mjs';
import { toMarkdown } from './report.mjs';
import { Servers } from './servers.mjs';

const FULL = {
  rounds: 3,
  everySecond: { warmUpMs: 2000, windowMs: 5000, lateMs: 2000, settleMs: 10_000, limitMs: 90_000 },
  few: 1000,
  many: 10_000,
  /** Half as many for SQLite, whose file has one writer. */
  manyOnSqlite: 5000,
  burst: { jobs: 10_000, leadMs: 3000, limitMs: 60_000 },
  handOver: { jobs: 1000, warmUp: 200, everyMs: 10, limitMs: 60_000 },
  recovery: { limitMs: 75_000, ofOthers: true },
};
const SMOKE = {
  ...FULL,
  rounds: 1,
  everySecond: { ...FULL.everySecond, warmUpMs: 500, windowMs: 1000, lateMs: 500 },
  few: 20,
  many: 50,
  manyOnSqlite: 40,
  burst: { ...FULL.burst, jobs: 100, leadMs: 1000 },
  handOver: { ...FULL.handOver, jobs: 20, warmUp: 5 },
  recovery: { ...FULL.recovery, ofOthers: false },
};

/** Mostly waits, so all cells can be measured at once. */
const WAITING = 'recovery';

/**
 * The cost of running jobs that several processes share: this package on each of its stores, and other libraries.
 *
 * @param {object} options
 * @param {boolean} options.save
 * @param {boolean} options.smoke
 * @param {string} [options.only] - parts of cells' keys, separated by commas; other cells are not measured
 * @param {number} [options.rounds]
 * @param {number} [options.seconds] - the length of the window for jobs that are due every second
 */
export async function run({ save, smoke, only, rounds, seconds }) {
  const settings = { ...(smoke ? SMOKE : FULL) };
  if (rounds !== undefined) settings.rounds = rounds;
  if (seconds !== undefined) settings.everySecond = { ...settings.everySecond, windowMs: seconds * 1000 };
  const wanted = only?.split(',') ?? [''];
  const cells = allCells(settings).filter(({ key }) => wanted.some((part) => key.includes(part)));
  if (cells.length === 0) throw new Error(`No cell's key has "${only}" in it. Keys: ${keys(settings)}`);

  // Clean up on Ctrl-C as well.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const servers = new Servers();
  process.once('exit', () => servers.removeFolders());
  try {
    await measureInTurn(
      cells.filter(({ section }) => section !== WAITING),
      settings.rounds,
      servers,
    );
    const waiting = cells.filter(({ section }) => section === WAITING);
    await measureAtOnce(waiting, ({ name }) => (name.startsWith('ours-') ? settings.rounds : 1), servers);
  } finally {
    await servers.close();
  }
  const result = {
    date: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    servers: servers.versions,
    settings,
    cells: cells.map(({ key, section, name, title, task, rounds, failure }) => ({
      ...{ key, section, name, title, jobs: task.jobs, processes: task.processes, rounds, failure },
    })),
  };
  publish('stores', result, toMarkdown, { save, smoke, part: only !== undefined });
}

function allCells(settings) {
  const here = new Set(installed());
  const some = (...names) => names.filter((name) => here.has(name));
  const every = (section, name, processes, jobs, startOf) => {
    const task = { ...settings.everySecond, jobs, processes, startOf };
    return cell(section, name, everySecond, task, processes);
  };
  const both = (section, names, jobs, startOf) =>
    names.flatMap((name) => [every(section, name, 1, jobs, startOf), every(section, name, 2, jobs, startOf)]);
  const few = (section, startOf) => [
    ...both(section, some('ours-postgres', 'ours-redis'), settings.few, startOf),
    every(section, 'ours-sqlite', 1, settings.few, startOf),
    ...some('bullmq').map((name) => every(section, name, 1, settings.few, startOf)),
  ];
  return [
    ...few('few-spread', 'spread'),
    ...few('few-together', 'together'),
    ...both('many', some('ours-postgres', 'ours-redis'), settings.many, 'spread'),
    every('many', 'ours-sqlite', 1, settings.manyOnSqlite, 'spread'),
    ...both('many', some('bullmq'), settings.many, 'spread'),
    ...some('bare', 'bare-runs').map((name) => every('many', name, 1, settings.many, 'spread')),
    ...[...here].map((name) => cell('burst', name, burst, settings.burst)),
    ...some('ours-postgres', 'ours-redis', 'bullmq', 'pg-boss', 'graphile-worker').map((name) =>
      cell('hand-over', name, handOver, settings.handOver),
    ),
    ...some('ours-postgres', 'ours-redis', ...(settings.recovery.ofOthers ? ['bullmq'] : [])).map((name) =>
      cell(WAITING, name, recovery, settings.recovery),
    ),
  ];
}

function keys(settings) {
  return allCells(settings)
    .map(({ key }) => key)
    .join(', ');
}
