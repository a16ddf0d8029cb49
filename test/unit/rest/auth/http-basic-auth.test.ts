import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getAuthorizationHeader } from '../../../../lib/rest/auth/authorization-header.js';
import { Authorization } from '../../../../lib/rest/auth/authorization.js';
import { HttpBasicAuth } from '../../../../lib/rest/auth/http-basic-auth.js';

const base64 = (text: string | Buffer): string => Buffer.from(text as string).toString('base64');
const request = (authorization?: unknown) => ({ headers: { authorization } });
const read = (authorization?: unknown) => new HttpBasicAuth().getAuthorization(request(authorization));

describe('getAuthorizationHeader', () => {
  it('divides the header into the scheme, in lower case, and the rest', () => {
    expect(getAuthorizationHeader(request('Basic dGVzdA=='))).toEqual(['basic', 'dGVzdA==']);
    expect(getAuthorizationHeader(request('  BEARER   a b '))).toEqual(['bearer', 'a b ']);
  });

  it.each([undefined, '', '   ', 'Basic', 'Basic   ', 42, ['Basic', 'x']])('answers null for %j', (header) => {
    expect(getAuthorizationHeader(request(header))).toBeNull();
  });
});

describe('HttpBasicAuth', () => {
  it('reads the name and the password', () => {
    const authorization = read(`Basic ${base64('test:secret')}`);
    expect(authorization).toBeInstanceOf(Authorization);
    expect(authorization).toMatchObject({ type: 'basic', username: 'test', password: 'secret' });
  });

  it('takes the scheme in any case', () => {
    expect(read(`bAsIc ${base64('a:b')}`)?.username).toBe('a');
  });

  it('leaves colons to the password', () => {
    expect(read(`Basic ${base64('a:b:c::')}`)?.password).toBe('b:c::');
  });

  it('reads credentials as UTF-8', () => {
    const authorization = read(`Basic ${base64('zoë:пароль🔑')}`);
    expect(authorization?.username).toBe('zoë');
    expect(authorization?.password).toBe('пароль🔑');
  });

  it('takes an empty name and an empty password', () => {
    expect(read(`Basic ${base64(':')}`)).toMatchObject({ username: '', password: '' });
  });

  it.each([
    ['another scheme', `Digest ${base64('a:b')}`],
    ['no colon', `Basic ${base64('test')}`],
    ['what is not base64', 'Basic !!!!'],
    ['base64 without its padding', 'Basic YTpiYw'],
    ['base64 cut short', 'Basic YTpiY'],
    ['two payloads', `Basic ${base64('a:b')} ${base64('c:d')}`],
    ['bytes that are not UTF-8', `Basic ${base64(Buffer.from([0xff, 0x3a, 0xfe]))}`],
    ['no payload', 'Basic '],
    ['no header', undefined],
  ])('answers null for %s', (_, header) => {
    expect(read(header)).toBeNull();
  });

  it('reads whatever a client encodes', () => {
    const name = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes(':'));
    fc.assert(
      fc.property(name, fc.string({ unit: 'grapheme' }), (username, password) => {
        expect(read(`Basic ${base64(`${username}:${password}`)}`)).toMatchObject({ username, password });
      }),
    );
  });

  it('never throws, whatever the header is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.anything()), (header) => {
        const authorization = read(header);
        expect(authorization === null || authorization instanceof Authorization).toBe(true);
      }),
    );
  });

  it('asks for Basic credentials', () => {
    expect(new HttpBasicAuth().getAuthenticateHeader()).toBe('Basic realm="Authentication Required"');
  });
});

describe('Authorization', () => {
  const authorization = new Authorization('Basic', { username: 'test', password: 'secret', realm: 'r' });

  it('gives what it was made with by name, like a map', () => {
    expect(authorization.type).toBe('basic');
    expect(authorization.get('username')).toBe('test');
    expect(authorization.get('realm')).toBe('r');
    expect(authorization.get('toString')).toBeUndefined();
  });

  it('has empty credentials when its scheme has none', () => {
    expect(new Authorization('bearer')).toMatchObject({ type: 'bearer', username: '', password: '' });
  });

  it('does not show the password when it is logged', () => {
    expect(inspect(authorization, { depth: 9, showHidden: true }) + JSON.stringify(authorization)).not.toContain(
      'secret',
    );
  });
});
