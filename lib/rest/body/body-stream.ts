import type { IncomingMessage } from 'node:http';
import { BadRequestException, UnsupportedMediaTypeException } from '@nestjs/common';

/** Express's request is Node's own; Fastify's has it as `raw`. */
export type FrameworkRequest = (IncomingMessage | { readonly raw: IncomingMessage }) & { body?: unknown };

/** @throws UnsupportedMediaTypeException if its body is not sent as it is. */
export function rawRequest(request: FrameworkRequest): IncomingMessage {
  const raw = 'raw' in request ? request.raw : request;
  const encoding = raw.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity') return raw;
  throw new UnsupportedMediaTypeException(`The body has the content encoding ${encoding}; send it as it is`);
}

/**
 * The bytes of a body of any length, as they come in. A consumer that ends early leaves the connection open for its response.
 *
 * @throws UnsupportedMediaTypeException; BadRequestException when the client goes away half-way.
 */
export async function* bodyStream(request: FrameworkRequest): AsyncGenerator<string | Uint8Array, void, void> {
  const raw = rawRequest(request);
  // A parser that came before us may have left the bytes.
  const { body = (raw as { body?: unknown }).body } = request;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    yield body;
    return;
  }
  if (raw.readableEnded) return;
  try {
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch (cause) {
    throw new BadRequestException('The request ended before its body did', { cause });
  }
}
