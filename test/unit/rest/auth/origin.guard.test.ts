import type { ExecutionContext } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import type { ResolvedSchedulerOptions } from '../../../../lib/module/scheduler-options.js';
import { OriginGuard } from '../../../../lib/rest/auth/origin.guard.js';

const admits = (headers: Record<string, unknown>, method = 'POST', allowedOrigins: string[] = []): boolean => {
  const request = { method, headers: { host: 'app.example.org', ...headers } };
  const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  try {
    return new OriginGuard({ allowedOrigins } as unknown as ResolvedSchedulerOptions).canActivate(context);
  } catch (error) {
    expect(error).toMatchObject({ status: 403 });
    return false;
  }
};

describe('OriginGuard', () => {
  it.each([
    ['a client that is no browser', {}],
    ['a page of its own', { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.org' }],
    [
      'a page of its own behind a proxy that changes Host',
      { 'sec-fetch-site': 'same-origin', origin: 'https://public.example' },
    ],
    ['the user', { 'sec-fetch-site': 'none' }],
    ['an old browser on a page of its own', { origin: 'http://app.example.org' }],
    ['an origin in another case', { origin: 'https://APP.example.org' }],
    [
      'an origin whose default port the Host spells',
      { origin: 'https://app.example.org', host: 'app.example.org:443' },
    ],
    ['HTTP/2, which has no Host', { origin: 'https://h2.example', host: undefined, ':authority': 'h2.example' }],
  ])('admits %s', (_, headers) => {
    expect(admits(headers)).toBe(true);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another site that sends no Origin', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.org' }],
    ['a Sec-Fetch-Site it does not know', { 'sec-fetch-site': 'SAME-ORIGIN' }],
    ['another site in an old browser', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://app.example.org:8080' }],
    ['a sandboxed page', { origin: 'null' }],
    ['an Origin that is no origin', { origin: 'app.example.org' }],
    ['an empty Origin', { origin: '' }],
    ['a scheme without a host', { origin: 'file://' }],
    ['an Origin where there is no Host', { origin: 'https://app.example.org', host: undefined }],
  ])('refuses %s', (_, headers) => {
    expect(admits(headers)).toBe(false);
  });

  it('lets every page read', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      expect(admits({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, method)).toBe(true);
    }
    for (const method of ['POST', 'PATCH', 'DELETE', 'PUT']) {
      expect(admits({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, method)).toBe(false);
    }
  });

  it('admits the origins that the options allow, however they write them', () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://admin.example.org' };
    expect(admits(headers, 'POST', ['https://Admin.example.org:443/'])).toBe(true);
    expect(admits(headers, 'POST', ['https://admin.example.com'])).toBe(false);
    expect(admits({ origin: 'https://admin.example.org' }, 'DELETE', ['https://admin.example.org'])).toBe(true);
  });
});
