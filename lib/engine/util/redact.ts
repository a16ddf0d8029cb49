/** A member of JSON, an inspected object or a connection string that holds a secret, and its value. */
const SECRET_MEMBER =
  /((?:passw(?:or)?d|pwd|passphrase|secret|token|api_?key|access_?key|authorization|credential)\w{0,20}\\?["']?\s{0,3}[:=]\s{0,3})(?!(?:YES|NO)\b)(\\?"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:(?:basic|bearer)\s+)?[^\s"';&,)}\]]+)/gi;

/**
 * Text without secrets: without the credentials of URLs and the values of passwords, tokens and the like. Everything that
 * leaves this package passes here: errors, log lines, health, responses and history. Takes time linear in the text's length,
 * which may come from anywhere.
 */
export function redact(text: string): string {
  const named = text.replace(SECRET_MEMBER, '$1***');
  return named.includes('@') ? named.replace(/[^\s"'<>]+/g, withoutCredentials) : named;
}

/**
 * A URL without the user and password in it. A password may contain an unencoded `/` or `@`, so the last `@` ends it; but a
 * path may contain `@` too: `https://example.org/@scope` has no credentials.
 */
export function withoutCredentials(url: string): string {
  const end = url.lastIndexOf('@');
  const start = url.indexOf('//');
  if (start < 0 || start > end || /\bfile:$/i.test(url.slice(Math.max(0, start - 6), start))) return url;
  const credentials = url.slice(start + 2, end);
  const isUrl = start === 0 || url[start - 1] === ':';
  const isPath = (!isUrl || credentials.includes('/')) && !credentials.includes(':');
  return isPath ? url : url.slice(0, start + 2) + url.slice(end + 1);
}

// oxlint-disable-next-line no-control-regex -- those are what is looked for
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Text as one line of a log: line ends, terminal sequences and changes of the writing direction are shown as escapes. */
export function toLogLine(text: string): string {
  return redact(text).replace(CONTROLS, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
