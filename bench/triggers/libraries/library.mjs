/**
 * A library to be measured, by the fastest calls of its public API. Inputs are prepared in its own form, and its answers are
 * not converted. Each library has its own loops: shared ones would be megamorphic, which slows down the fast ones most.
 *
 * @typedef {object} Library
 * @property {string} name - its name in the report
 * @property {string} package - its key in the forms of an expression
 * @property {boolean} [startsNow] - its walks always start at the present
 * @property {boolean} [growsWhenAsked] - its objects are complete only after the first question
 * @property {(expression: any) => any} make - creates its object, once per expression
 * @property {(object: any, from: number, count: number) => number[]} times - the next times after an instant
 * @property {(object: any, from: number, steps: number) => Work} walker - next of next; restarts after so many steps
 * @property {((object: any, instants: readonly number[]) => Work) | null} sampler - next of one instant after the other
 *
 * @typedef {(count: number) => void} Work - computes so many times
 */

/**
 * @param {import('../expressions.mjs').Expression} expression
 * @param {Library} library
 * @returns {unknown} the expression in the library's form; undefined if it does not support it
 */
export function formFor(expression, library) {
  return expression.forms ? expression.forms[library.package] : expression.crontab;
}
