/** A line of a text. */
export interface TextLine {
  /** From 1. */
  readonly number: number;
  /** Null if it is longer than allowed, or not UTF-8. */
  readonly text: string | null;
  /** Why there is no text, in words that follow `The line`. */
  readonly problem?: string;
}

const NEWLINE = 0x0a;

/** Reads lines of UTF-8 from parts of any length. Of a line that is too long, no more than that is kept. */
export async function* readLines(
  source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  maxBytes: number,
): AsyncGenerator<TextLine, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let number = 0;
  const keep = (part: Uint8Array): void => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  const take = (): TextLine => {
    const [line, length] = [Buffer.concat(parts), bytes];
    [parts, bytes] = [[], 0];
    number++;
    if (length > maxBytes) return { number, text: null, problem: `is longer than ${maxBytes} bytes` };
    try {
      return { number, text: decoder.decode(line) };
    } catch {
      return { number, text: null, problem: 'is not UTF-8' };
    }
  };
  for await (const given of source) {
    let rest = typeof given === 'string' ? Buffer.from(given) : given;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      yield take();
    }
    keep(rest);
  }
  if (bytes > 0) yield take();
}
