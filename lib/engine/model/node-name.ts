import { InvalidInputError } from '../errors.js';
import { show } from '../util/inspect.js';

/** As long as the longest name of a computer. The records of all runs have it. */
const MAX_LENGTH = 255;

/** What keeps a value from being the name of a node; undefined if nothing does. PostgreSQL has no NUL, and no store has half of a character. */
export function nodeNameProblem(node: unknown): string | undefined {
  const isText = typeof node === 'string' && node !== '' && node.length <= MAX_LENGTH;
  if (isText && !node.includes('\0') && node.isWellFormed()) return undefined;
  return `must be a text of 1 to ${MAX_LENGTH} characters without NUL or lone surrogates, got ${show(node)}`;
}

/** @throws InvalidInputError */
export function readNodeName(node: string): string {
  const problem = nodeNameProblem(node);
  if (problem !== undefined) throw new InvalidInputError('Invalid scheduler', [{ field: 'node', problem }]);
  return node;
}
