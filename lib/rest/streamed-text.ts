import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { Logger } from '../engine/logger.js';

/** A response that is sent while it is made. @param what - for the log: `A list of jobs`. */
export function streamedText(texts: AsyncIterable<string>, type: string, what: string, logger: Logger): StreamableFile {
  const file = new StreamableFile(Readable.from(texts, { objectMode: false }), { type: `${type}; charset=utf-8` });
  // Nest 11 ends the response, and half of it would look complete.
  return file.setErrorHandler((error, response) => {
    logger.error(`${what} ended half-way`, error);
    (response as unknown as { destroy(): void }).destroy();
  });
}
