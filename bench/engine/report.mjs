import { count, short, table } from '../support/markdown.mjs';
import { median } from '../support/measure.mjs';
import { provenance } from '../support/results.mjs';
import { cpuPerFire, judge, sizesOf } from './targets.mjs';

/** @param {any} result */
export function toMarkdown(result) {
  const { fires, idle, ownData, burst, settings } = result;
  const { phases, sizes } = settings.fires;
  const sections = [
    '# The engine, side by side',
    provenance(result, 'engine'),
    `Tasks only record when they ran. Each measurement has its own process. This package and the baseline are measured in ` +
      `${settings.rounds} alternating rounds: a figure is the median, with minimum and maximum in brackets. The others ` +
      `are measured in the first round. A measurement that failed, or made less than 90 % of its fires, is not repeated. Each process may use ` +
      `${settings.memoryMb / 1024} GB for objects and ${settings.fires.setUpLimitMs / 1000} s to add its jobs; its time zone is UTC.`,
    'This package runs with its defaults (limits and history) and a listener to all events. Its jobs, like those with a timer each, ' +
      'fire a second after they were added; in "one instant" all jobs share a start date. Jobs with cron expressions fire ' +
      'at the start of a second. cron-schedule is measured with a timer per job and with one interval of a second. The baseline is a bare ' +
      'heap with one timer, a few lines that can do nothing else. Lateness is counted from the intended time; with ' +
      'a timer per job that is a second after the last fire, so that drift is not included.',
    '## Targets',
    'The cost per fire of 1,000 jobs is shown without a target: most of it is the fixed cost of a process, and of what ' +
      'V8 compiles in its first half minute.',
    judge(result)
      .map(({ target, isMet, figures }) => `- ${target}: **${isMet ? 'met' : 'not met'}**. ${figures}.`)
      .join('\n'),
    ...sizesOf(fires).flatMap((jobs) => [
      `## ${count(jobs)} jobs, each every second`,
      firesTable(fires.filter((cell) => cell.jobs === jobs)),
    ]),
    `CPU: of the whole process, including garbage collection, during a window of ${phases.windowMs / 1000} s that starts ` +
      `when V8 has compiled most of the code, ${sizes.map(({ warmUpMs }) => warmUpMs / 1000).join(', ')} s after the ` +
      `last of ${sizes.map(({ jobs }) => count(jobs)).join(', ')} jobs was added. Made: the share of the window's fires that happened, at most ` +
      `a second late. Twice: repeated fires of a job for the same second. Bytes: the size of objects per job after the window ` +
      'and a collection.',
    `## ${count(settings.idle.jobs)} jobs that wait`,
    `The jobs are due in hours. Objects and memory are the increase of the process's memory, after collections. "Own data" ` +
      `is the data of the jobs alone, in an array: \`{ id, args, kwargs, trigger }\`, with a trigger of this package. ` +
      `One more: ${settings.idle.more} further jobs, each timed. Adding may take ${settings.idle.setUpLimitMs / 1000} s; ` +
      'the others have one round.',
    idleTable(idle, ownData),
    '## A burst beside a server',
    `${count(burst.jobs)} one-off jobs of this package are due at one instant, in a process that also answers HTTP requests; another ` +
      `process sends one every ${settings.burst.everyMs} ms. Each round:`,
    burstTable(burst),
  ];
  return sections.join('\n\n');
}

function firesTable(cells) {
  const head = [
    '',
    'CPU per fire, µs',
    'fires/s',
    'made',
    'twice',
    'late: p50, ms',
    'p99',
    'longest',
    'bytes',
    'added in, s',
  ];
  return table(
    head,
    cells.map((cell) => {
      if (cell.failure) return failed(cell, head.length);
      const of = (read) => median(cell.rounds.map(read));
      return [
        cell.name,
        withSpread(cell.rounds.map(cpuPerFire)),
        short(of(({ fires, elapsedMs }) => (fires / elapsedMs) * 1000)),
        percent(of(({ slots }) => slots.made / slots.due)),
        of(({ slots }) => slots.twice).toFixed(0),
        of(({ lateness }) => lateness.p50).toFixed(0),
        withSpread(
          cell.rounds.map(({ lateness }) => lateness.p99),
          (ms) => ms.toFixed(0),
        ),
        String(Math.max(...cell.rounds.map(({ lateness }) => lateness.max))),
        of(({ heapPerJob }) => heapPerJob).toFixed(0),
        seconds(of(({ addMs }) => addMs)),
      ];
    }),
  );
}

function idleTable(cells, ownData) {
  const head = ['', 'added in, s', 'objects, bytes', 'memory, bytes', 'one more: p50, µs', 'p99, µs'];
  const bytes = ({ rounds }, kind) => median(rounds.map((round) => round[kind])).toFixed(0);
  const memory = (cell) => [bytes(cell, 'heapPerJob'), bytes(cell, 'rssPerJob')];
  const rows = cells.map((cell) => {
    if (cell.failure) return failed(cell, head.length);
    return [
      cell.name,
      withSpread(
        cell.rounds.map(({ addMs }) => addMs),
        seconds,
      ),
      ...memory(cell),
      withSpread(cell.rounds.map(({ oneMore }) => oneMore.p50)),
      withSpread(cell.rounds.map(({ oneMore }) => oneMore.p99)),
    ];
  });
  return table(head, [...rows, ['own data alone', '', ...memory(ownData), '', '']]);
}

function burstTable({ rounds }) {
  const head = ['', 'longest answer, ms', 'requests', 'longest before, ms', 'requests', 'all had run after, ms'];
  return table(
    head,
    rounds.map(({ inBurst, before, longestLatenessMs }, index) => [
      String(index + 1),
      short(inBurst.longestMs),
      String(inBurst.requests),
      short(before.longestMs),
      String(before.requests),
      longestLatenessMs.toFixed(0),
    ]),
  );
}

/** A failed measurement still has a row. */
function failed({ name, jobs, failure: { reason, added, heapPerJob } }, columns) {
  const took = heapPerJob === undefined ? '' : `, ${heapPerJob.toFixed(0)} bytes each`;
  const row = [name, `${reason}: ${count(added)} of ${count(jobs)} added${took}`];
  return [...row, ...Array.from({ length: columns - row.length }, () => '')];
}

function withSpread(values, write = short) {
  const middle = write(median(values));
  return values.length === 1 ? middle : `${middle} (${write(Math.min(...values))} to ${write(Math.max(...values))})`;
}

/** Rounded down, so that 100 % means all. */
function percent(share) {
  return `${Math.floor(share * 1000) / 10} %`;
}

function seconds(ms) {
  return (ms / 1000).toFixed(ms < 9995 ? 2 : 1);
}
