const CHECKED_INSTANTS = 100;
const CHECKED_STEPS = 100;

/**
 * @typedef {object} Disagreement
 * @property {number} checked - how many questions were asked
 * @property {number} different - how many answers were different
 * @property {{ after: string, ours: string, theirs: string }} [example]
 */

/**
 * Compares the answers of another library with ours, so that wrong ones do not go unnoticed.
 *
 * @returns {Disagreement}
 */
export function compare({ library, object, ours, reference, start, steps, instants }) {
  const questions = [];
  if (library.startsNow) questions.push({ from: Date.now(), count: Math.min(steps, CHECKED_STEPS) });
  else {
    questions.push({ from: start, count: Math.min(steps, CHECKED_STEPS) });
    for (const from of instants.slice(0, CHECKED_INSTANTS)) questions.push({ from, count: 1 });
  }
  let checked = 0;
  let different = 0;
  let example;
  for (const { from, count } of questions) {
    const expected = ours.times(reference, from, count);
    const given = attempt(() => library.times(object, from, count));
    expected.forEach((time, index) => {
      checked++;
      if (given[index] === time) return;
      different++;
      const after = index === 0 ? from : expected[index - 1];
      example ??= { after: show(after), ours: show(time), theirs: show(given[index]) };
    });
  }
  return { checked, different, ...(example && { example }) };
}

/** A library that throws gives no answers. */
function attempt(ask) {
  try {
    return ask();
  } catch (error) {
    return [String(error instanceof Error ? error.message : error).split('\n')[0]];
  }
}

function show(answer) {
  return typeof answer === 'number' && !Number.isNaN(answer) ? new Date(answer).toISOString() : String(answer);
}
