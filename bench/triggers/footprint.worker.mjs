/* The cost of making and keeping the objects of one library. */
import { ratePerSecond } from '../support/measure.mjs';
import { answer, receive } from '../support/worker.mjs';
import { DISTINCT, distinctCrontab, expressions } from './expressions.mjs';
import { loadLibrary } from './libraries/index.mjs';
import { formFor } from './libraries/library.mjs';

const START = Date.UTC(2027, 0, 1) + 500;
const CHUNK = 100;

const { name, zone, kept, made, budgetMs } = await receive();
const library = await loadLibrary(name, zone);
const forms = expressions.map((expression) => formFor(expression, library)).filter((form) => form !== undefined);
const known = (index) => forms[index % forms.length];

// New expressions first, since caches know them afterwards. The first ones include loading and compiling, and do not count.
let next = 0;
const makeNew = (count) => {
  for (let i = 0; i < count; i++) library.make(distinctCrontab(next++ % DISTINCT));
};
const makeKnown = (count) => {
  for (let i = 0; i < count; i++) library.make(known(next++));
};
ratePerSecond(makeNew, budgetMs, made);
const newPerSecond = ratePerSecond(makeNew, budgetMs, made);
ratePerSecond(makeKnown, budgetMs, made);
const knownPerSecond = ratePerSecond(makeKnown, budgetMs, made);

answer({
  library: name,
  newPerSecond,
  knownPerSecond,
  bytesOfKnown: await bytesPerObject(known),
  bytesOfNew: await bytesPerObject(distinctCrontab),
});

/** The memory of one object, when so many are kept or as many as fit into a gigabyte. */
async function bytesPerObject(formOf) {
  const objects = [];
  const before = await usedBytes();
  while (objects.length < kept && process.memoryUsage().heapUsed < 2 ** 30) {
    for (let i = 0; i < CHUNK; i++) {
      const object = library.make(formOf(objects.length));
      if (library.growsWhenAsked) library.times(object, START, 1);
      objects.push(object);
    }
  }
  const used = (await usedBytes()) - before;
  // The array is used here so that it lives until here.
  return used / objects.length;
}

async function usedBytes() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    // Finalizers run between tasks.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
