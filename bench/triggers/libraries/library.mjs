/**
 * A library under measurement, asked by the fastest way to an answer that its public API has. What it is given is made
 * beforehand in the form that it takes; its answers stay in the form that it gives. Each has loops of its own: in a
 * shared one every call would go to many functions, which costs the fast ones most.
 *
 * @typedef {object} Library
 * @property {string} name - as it stands in the report
 * @property {string} package - as it stands among the forms of an expression
 * @property {boolean} [startsNow] - its walks begin at the present, whatever they are told
 * @property {boolean} [growsWhenAsked] - its objects are complete only when they have been asked for a time
 * @property {(expression: any) => any} make - makes its object, once per expression
 * @property {(object: any, from: number, count: number) => number[]} times - the next times after an instant
 * @property {(object: any, from: number, steps: number) => Work} walker - next of next; from the start again after so many steps
 * @property {((object: any, instants: readonly number[]) => Work) | null} sampler - next of one instant after the other
 *
 * @typedef {(count: number) => void} Work - asks for so many times
 */

/**
 * @param {import('../expressions.mjs').Expression} expression
 * @param {Library} library
 * @returns {unknown} the expression as the library takes it; undefined when it has no way to say it
 */
export function formFor(expression, library) {
  return expression.forms ? expression.forms[library.package] : expression.crontab;
}
