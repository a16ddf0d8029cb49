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
    `Tasks that do nothing but tell when they ran. Each figure is of a process of its own. Ours and the floor have ` +
      `${settings.rounds} rounds, taking turns: a figure is their median, in brackets are the least and the most of them. The others ` +
      `have their turn in the first round. What failed, or made less than nine tenths of its fires, is not tried again. Each process may have ` +
      `${settings.memoryMb / 1024} GB of objects and ${settings.fires.setUpLimitMs / 1000} s to add its jobs; it lives in UTC.`,
    'Ours runs as it comes: with its limits and its history, and with a listener to all events. Its jobs and those of a timer each ' +
      'fire a second after they were added; "one instant" is ours with one start for all. Those of cron expressions fire ' +
      'when the second begins. cron-schedule is measured with a timer per job and with one interval of a second; the bare ' +
      'heap with one timer is the floor, a few lines that can do nothing else. Lateness is counted from the time that each ' +
      'means to fire: a timer per job, from a second after its last fire, so that its drift is not seen here.',
    '## What we hold ourselves to',
    'A cost per fire of 1,000 jobs is shown and not judged: most of it is no fire’s, but what a process does anyway, and what ' +
      'V8 compiles in its first half minute.',
    judge(result)
      .map(({ target, isMet, figures }) => `- ${target}: **${isMet ? 'met' : 'not met'}**. ${figures}.`)
      .join('\n'),
    ...sizesOf(fires).flatMap((jobs) => [
      `## ${count(jobs)} jobs, each every second`,
      firesTable(fires.filter((cell) => cell.jobs === jobs)),
    ]),
    `CPU: of the whole process, collecting its garbage included, while it was watched: for ${phases.windowMs / 1000} s, beginning ` +
      `once V8 has compiled most of what a fire takes, ${sizes.map(({ warmUpMs }) => warmUpMs / 1000).join(', ')} s after the ` +
      `last of ${sizes.map(({ jobs }) => count(jobs)).join(', ')} jobs was added. Made: the fires of these seconds that were made at all, a ` +
      `second late at most. Twice: fires for a second that the job had fired for. Bytes: what objects take after the watch ` +
      'and a collection, per job.',
    `## ${count(settings.idle.jobs)} jobs that wait`,
    `Due in hours. Objects and memory are what the process has more than before, after collections. "Own data" ` +
      `is what makes each job one of its own, kept in an array: \`{ id, args, kwargs, trigger }\`, the trigger one of ours. ` +
      `One more: ${settings.idle.more} further jobs, each timed. They may take ${settings.idle.setUpLimitMs / 1000} s to be ` +
      'added; all but ours have one round.',
    idleTable(idle, ownData),
    '## A burst, and a server beside it',
    `${count(burst.jobs)} one-off jobs of ours are due at one instant, in a process that also answers HTTP requests: another ` +
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

/** A row all the same. */
function failed({ name, jobs, failure: { reason, added, heapPerJob } }, columns) {
  const took = heapPerJob === undefined ? '' : `, ${heapPerJob.toFixed(0)} bytes each`;
  const row = [name, `${reason}: ${count(added)} of ${count(jobs)} added${took}`];
  return [...row, ...Array.from({ length: columns - row.length }, () => '')];
}

function withSpread(values, write = short) {
  const middle = write(median(values));
  return values.length === 1 ? middle : `${middle} (${write(Math.min(...values))} to ${write(Math.max(...values))})`;
}

/** Rounded down: what is not all must not look so. */
function percent(share) {
  return `${Math.floor(share * 1000) / 10} %`;
}

function seconds(ms) {
  return (ms / 1000).toFixed(ms < 9995 ? 2 : 1);
}
