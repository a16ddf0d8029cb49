const CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_SELF_|UNABLE_TO_)/;

/** Whether a server's certificate, or its TLS, was refused: the next attempt will be, too. */
export function isCertificateError(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && CODE.test(code);
}
