import type { IncomingMessage } from 'node:http';
import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';

/** How much of a body that is too large is read and thrown away, so that its sender comes to read the answer. */
const DRAINED_BYTES = 16 * 1024 * 1024;

/**
 * All bytes of a request's body.
 *
 * @param limit - `limits.bodyBytes`.
 * @throws PayloadTooLargeException as soon as it is known to be longer than the limit.
 * @throws BadRequestException when the client goes away half-way.
 */
export function readBytes(stream: IncomingMessage, limit: number): Promise<Buffer> {
  if (stream.readableEnded) return Promise.resolve(Buffer.alloc(0));
  if (stream.destroyed) return Promise.reject(interrupted());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) refuse();
    };
    const onEnd = (): void => finish(() => resolve(Buffer.concat(chunks, length)));
    const onLost = (): void => finish(() => reject(interrupted()));
    const finish = (settle: () => void): void => {
      stream.off('data', onData).off('end', onEnd).off('error', onLost).off('close', onLost);
      settle();
    };
    const refuse = (): void => {
      finish(() => reject(new PayloadTooLargeException(`The body is longer than ${limit} bytes (limits.bodyBytes)`)));
      drain(stream);
    };
    if (Number(stream.headers['content-length']) > limit) return refuse();
    stream.on('data', onData).on('end', onEnd).on('error', onLost).on('close', onLost);
  });
}

const interrupted = (): Error => new BadRequestException('The request ended before its body did');

const drained = new WeakSet<IncomingMessage>();

/**
 * Reads what is left of a request that is answered, and throws it away: closing the connection at once would reset it, and
 * the client would never see why. But it cannot go on for ever, least of all without having been let in.
 */
export function drain(stream: IncomingMessage): void {
  if (stream.complete || drained.has(stream)) return;
  drained.add(stream);
  let length = 0;
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > DRAINED_BYTES) stream.destroy();
  });
  // At once: Node.js throws the rest away by itself, uncounted, unless reading has begun by the end of the response.
  stream.read(0);
}
