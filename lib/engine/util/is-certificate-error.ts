const CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_SELF_|UNABLE_TO_|HANDSHAKE_NO_SSL_SUPPORT)/;
/** mysql2 gives every failure of a handshake the code HANDSHAKE_SSL_ERROR, and keeps the message. */
const MESSAGE = /certificate/i;

/** Whether a server's certificate, or its TLS, was refused: the next attempt will be, too. */
export function isCertificateError(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === 'HANDSHAKE_SSL_ERROR') return MESSAGE.test(String(message));
  return typeof code === 'string' && CODE.test(code);
}
