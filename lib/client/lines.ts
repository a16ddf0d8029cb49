import { ConnectionError } from './errors.js';

/** A line of an export: a job as `exportJobs()` writes it, the format, or a job that is not in the export (`skipped`). */
export type ExportedLine = Readonly<Record<string, unknown>>;

/** How much of an import goes into one request: browsers do not send bodies piece by piece. */
const MOST_LINES = 500;
const MOST_CHARACTERS = 1_000_000;

/** The lines of a response, while it comes in. @throws ConnectionError when it ends early */
export async function* linesOf(response: Response): AsyncGenerator<ExportedLine, void, void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new ConnectionError(`The response to GET ${response.url} ended early`, { cause: error });
      });
      const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) if (line !== '') yield JSON.parse(line) as ExportedLine;
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Texts of many lines each. */
export async function* batchesOf(
  lines: Iterable<ExportedLine | string> | AsyncIterable<ExportedLine | string>,
): AsyncGenerator<{ readonly text: string; readonly count: number }, void, void> {
  let [text, count] = ['', 0];
  for await (const line of lines) {
    text += `${typeof line === 'string' ? line : JSON.stringify(line)}\n`;
    count++;
    if (count < MOST_LINES && text.length < MOST_CHARACTERS) continue;
    yield { text, count };
    [text, count] = ['', 0];
  }
  if (count > 0) yield { text, count };
}
