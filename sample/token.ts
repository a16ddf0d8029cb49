import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/* A signed token in a JSON Web Token's form (HS256). An application would take a library for this. */

interface Claims {
  readonly sub: string;
  readonly roles?: readonly string[];
  /** When it expires, in seconds since 1970. */
  readonly exp: number;
}

/** A new key per start, so that tokens expire with the process. */
const secret = randomBytes(32);
const header = encode({ alg: 'HS256', typ: 'JWT' });

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sign(text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

export function issueToken(claims: Claims): string {
  const text = `${header}.${encode(claims)}`;
  return `${text}.${sign(text).toString('base64url')}`;
}

/** The claims of a token that this application signed and that has not expired; null for any other. */
export function readToken(token: string): Claims | null {
  const [head, body, signature] = token.split('.');
  if (head !== header || body === undefined || signature === undefined) return null;
  const expected = sign(`${head}.${body}`);
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
  return claims.exp > Date.now() / 1000 ? claims : null;
}
