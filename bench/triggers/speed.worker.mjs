/* Next times per second of all libraries in one zone: compares their answers first, then measures them in turn. */
import { seededRandom } from '../support/random.mjs';
import { ratePerSecond } from '../support/measure.mjs';
import { answer, receive } from '../support/worker.mjs';
import { compare } from './agreement.mjs';
import { expressions } from './expressions.mjs';
import { libraryNames, loadLibrary, OURS } from './libraries/index.mjs';
import { formFor } from './libraries/library.mjs';

const START = Date.UTC(2027, 0, 1) + 500;
const END = Date.UTC(2032, 0, 1);
/** A walk restarts after so many steps with a frequent expression, and after five years with a rare one. */
const LONGEST_WALK = 10_000;
const SEED = 20_270_101;

const { zone, rounds, budgetMs, samples } = await receive();
const random = seededRandom(SEED);
// Half a second off, so that it does not matter whether "next" includes the instant itself.
const instants = Array.from(
  { length: samples },
  () => Math.floor((START + random() * (END - START)) / 1000) * 1000 + 500,
);
const libraries = await Promise.all(libraryNames().map((name) => loadLibrary(name, zone)));
const ours = libraries.find(({ name }) => name === OURS);

const cells = [];
for (const expression of expressions) {
  const reference = ours.make(formFor(expression, ours));
  const steps = walkLength(reference);
  for (const library of libraries) {
    const form = formFor(expression, library);
    if (form === undefined) continue;
    const object = library.make(form);
    const disagreements =
      library === ours ? null : compare({ library, object, ours, reference, start: START, steps, instants });
    const cell = { expression: expression.name, library: library.name, disagreements };
    cells.push({ ...cell, mode: 'walking', rounds: [], work: library.walker(object, START, steps) });
    const sampler = library.sampler?.(object, instants);
    if (sampler) cells.push({ ...cell, mode: 'random', rounds: [], work: sampler });
  }
}

// Every library is measured in every round, so that other load on the computer affects all of them.
for (let round = -1; round < rounds; round++) {
  process.stderr.write(`${zone}: round ${round + 1} of ${rounds}\n`);
  for (const { work, rounds: rates } of cells) {
    const rate = ratePerSecond(work, budgetMs);
    if (round >= 0) rates.push(rate); // the first one warms up
  }
}
answer({ zone, cells: cells.map(({ work: _work, ...cell }) => cell) });

function walkLength(reference) {
  let steps = 0;
  let time = START;
  while (steps < LONGEST_WALK && (time = reference.next(time, time)) < END) steps++;
  return Math.max(steps, 1);
}
