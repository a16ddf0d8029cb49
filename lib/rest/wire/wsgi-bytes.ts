/**
 * Bytes as a string of as many characters: how headers carry them (Flask-APScheduler: `bytes_to_wsgi`).
 *
 * @throws TypeError when given anything but bytes.
 */
export function bytesToWsgi(data: Uint8Array): string {
  if (!(data instanceof Uint8Array)) throw new TypeError(`bytesToWsgi: data must be bytes, got ${typeof data}`);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}

/**
 * The bytes that a header's string stands for (Flask-APScheduler: `wsgi_to_bytes`). Bytes are returned as they are.
 *
 * @throws RangeError when a character is no byte.
 */
export function wsgiToBytes(data: string | Uint8Array): Uint8Array {
  if (typeof data !== 'string') return data;
  // Buffer would cut such characters down to their last eight bits.
  const stranger = /[^\0-\xff]/u.exec(data)?.[0];
  if (stranger !== undefined)
    throw new RangeError(`wsgiToBytes: ${JSON.stringify(stranger)} is not a latin1 character`);
  return Buffer.from(data, 'latin1');
}
