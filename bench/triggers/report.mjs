import { median } from '../support/measure.mjs';
import { short, table } from '../support/markdown.mjs';
import { provenance } from '../support/results.mjs';
import { OURS } from './libraries/index.mjs';

/** The targets: so many times as fast as these libraries, and so many answers per second. */
const TARGETS = [
  { library: 'cron-schedule', times: 4 },
  { library: 'croner', times: 300 },
];
const LEAST_PER_SECOND = 100_000;

const MODES = {
  walking: 'Walking: each time is the one after the time before',
  random: 'Random: the first time after each of the same random instants',
};

/**
 * @param {any} result
 * @param {readonly string[]} expressionNames
 */
export function toMarkdown(result, expressionNames) {
  const { speed, footprint, settings } = result;
  const sections = [
    '# Triggers, side by side',
    provenance(result, 'triggers'),
    `In each of ${settings.speed.rounds} rounds every library is measured for ${settings.speed.budgetMs} ms with each ` +
      'expression. A figure is the median of the rounds, a ratio the median of the ratios of each round. Each zone is ' +
      'measured in a process with that time zone, since cron-schedule supports no other one. The others are given the zone; croner ' +
      "and cron-parser are also measured without it, since they handle the process's zone faster. node-cron can only start " +
      'at the present. `-`: the library does not support this expression, or cannot start where it should. `≠`: some of its answers ' +
      'differ from ours; they are listed below.',
    '## Times per second of processor time',
    ...speed.flatMap((one) => speedSections(one, expressionNames)),
    '## This package, as a multiple of the other',
    ratios(speed),
    targets(speed),
    '## Making and keeping',
    'Objects made per second of processor time: of new expressions, and of the expressions of the table repeatedly. ' +
      `Bytes per object when ${short(settings.footprint.kept)} (or as many as fit into a gigabyte) are kept: all different, ` +
      'and the expressions of the table repeatedly. Each library has its own process.',
    footprints(footprint),
    '## Different answers',
    disagreements(speed),
  ];
  return sections.join('\n\n');
}

const librariesOf = (cells) => [...new Set(cells.map(({ library }) => library))];

function speedSections({ zone, cells }, expressionNames) {
  return Object.entries(MODES).flatMap(([mode, title]) => {
    const ofMode = cells.filter((cell) => cell.mode === mode);
    const libraries = librariesOf(ofMode);
    const rows = expressionNames.map((expression) => [
      expression,
      ...libraries.map((library) => {
        const cell = ofMode.find((one) => one.expression === expression && one.library === library);
        return cell === undefined
          ? '-'
          : `${short(median(cell.rounds))}${cell.disagreements?.different > 0 ? ' ≠' : ''}`;
      }),
    ]);
    return [`### ${zone}`, `${title}.`, table(['', ...libraries], rows)].slice(mode === 'walking' ? 0 : 1);
  });
}

/** The speed of this package as a multiple of another library's, by expression. */
function ratiosTo(library, cells) {
  return cells
    .filter((cell) => cell.library === library)
    .map(({ expression, mode, rounds }) => {
      const ours = cells.find((one) => one.library === OURS && one.expression === expression && one.mode === mode);
      return median(rounds.map((rate, round) => ours.rounds[round] / rate));
    });
}

function ratios(speed) {
  const libraries = librariesOf(speed.flatMap(({ cells }) => cells)).filter((library) => library !== OURS);
  if (libraries.length === 0) return 'No other library is installed.';
  const columns = speed.flatMap(({ zone }) => [`${zone}: least`, 'median']);
  const rows = libraries.map((library) => [
    library,
    ...speed.flatMap(({ cells }) => {
      const all = ratiosTo(library, cells);
      return [short(Math.min(...all)), short(median(all))];
    }),
  ]);
  return table(['', ...columns], rows);
}

function targets(speed) {
  const lines = TARGETS.flatMap(({ library, times }) => {
    const all = speed.flatMap(({ cells }) => ratiosTo(library, cells));
    if (all.length === 0) return [];
    const met = all.filter((ratio) => ratio >= times).length;
    const range = `minimum ${short(Math.min(...all))}, median ${short(median(all))}`;
    return [`- At least ${times} times ${library}: ${met} of ${all.length} figures; ${range}.`];
  });
  const ours = speed.flatMap(({ zone, cells }) =>
    cells.filter(({ library }) => library === OURS).map((cell) => ({ ...cell, zone, rate: median(cell.rounds) })),
  );
  const { rate, expression, mode, zone } = ours.reduce((a, b) => (a.rate <= b.rate ? a : b));
  const slowest = `${short(rate)} (${expression}, ${mode}, ${zone})`;
  return [...lines, `- At least ${short(LEAST_PER_SECOND)} per second: our slowest is ${slowest}.`].join('\n');
}

function footprints(all) {
  return table(
    ['', 'new/s', 'known/s', 'bytes, different', 'bytes, the same'],
    all.map(({ library, newPerSecond, knownPerSecond, bytesOfNew, bytesOfKnown }) => [
      library,
      short(newPerSecond),
      short(knownPerSecond),
      bytesOfNew.toFixed(0),
      bytesOfKnown.toFixed(0),
    ]),
  );
}

function disagreements(speed) {
  const lines = speed.flatMap(({ zone, cells }) =>
    cells
      .filter(({ mode, disagreements }) => mode === 'walking' && disagreements?.different > 0)
      .map(({ library, expression, disagreements: { checked, different, example } }) => {
        const { after, ours, theirs } = example;
        return `- ${library}, ${expression}, ${zone}: ${different} of ${checked}. After ${after} ours is ${ours}, theirs ${theirs}.`;
      }),
  );
  return lines.length === 0 ? 'None.' : lines.join('\n');
}
