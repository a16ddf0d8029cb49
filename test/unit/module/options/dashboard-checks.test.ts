import { describe, expect, it } from 'vitest';
import { schedulerOptionsFromConfig } from '../../../../lib/module/config/scheduler-options-from-config.js';
import { resolveOptions } from '../../../../lib/module/options/resolve-options.js';
import { ENDPOINTS } from '../../../../lib/rest/endpoints/endpoint.js';

const API = { apiEnabled: true, auth: false } as const;
const resolve = (dashboard: unknown): unknown => resolveOptions({ ...API, dashboard: dashboard as boolean }).dashboard;

describe('The option dashboard', () => {
  it('is off by default', () => {
    expect(resolveOptions(API).dashboard).toBeNull();
    expect(resolve(false)).toBeNull();
  });

  it('has a default for each of its members', () => {
    const defaults = { path: '/ui', title: 'Scheduler', timezone: null, links: [] };
    expect(resolve(true)).toEqual(defaults);
    expect(resolve({})).toEqual(defaults);
    const links = [
      { label: 'Logs', url: 'https://logs.example.org/' },
      { label: 'Home', url: '/' },
    ];
    expect(resolve({ path: 'admin/jobs/', title: 'Jobs', timezone: 'Europe/Berlin', links })).toEqual({
      path: '/admin/jobs',
      title: 'Jobs',
      timezone: 'Europe/Berlin',
      links,
    });
  });

  it.each<[unknown, string]>([
    ['yes', 'dashboard must be true, false or an object of options, got "yes"'],
    [{ colour: 'red' }, 'dashboard.colour is not an option; known are path, title, timezone, links'],
    [{ path: '' }, 'dashboard.path must be a path such as \'/ui\', got ""'],
    [{ path: 'a/*b' }, 'dashboard.path must be a path such as \'/ui\', got "a/*b"'],
    [{ path: '/Jobs/ui' }, 'dashboard.path must not be a path of the REST API, got "/Jobs/ui"'],
    [{ title: '' }, 'dashboard.title must be a non-empty string'],
    [{ timezone: 'Mars/Base' }, 'dashboard.timezone'],
    [{ links: {} }, 'dashboard.links must be an array of links'],
    [{ links: [{ label: 'x', url: 'javascript:alert(1)' }] }, 'dashboard.links[0] must be { label, url }'],
    [{ links: [{ label: 'x', url: '//evil.example' }] }, 'dashboard.links[0] must be { label, url }'],
    [{ links: [{ label: '', url: '/' }] }, 'dashboard.links[0] must be { label, url }'],
    [{ links: Array.from({ length: 21 }, () => ({ label: 'x', url: '/' })) }, 'must have at most 20 links, got 21'],
  ])('refuses %j', (value, message) => {
    expect(() => resolve(value)).toThrow(message);
  });

  it('refuses each path of the REST API', () => {
    const first = new Set(Object.values(ENDPOINTS).flatMap(([, path]) => path.split('/')[1] || []));
    expect(first.size).toBeGreaterThan(8);
    for (const path of first) expect(() => resolve({ path })).toThrow('must not be a path of the REST API');
  });

  it('needs the REST API', () => {
    expect(() => resolveOptions({ dashboard: true })).toThrow('dashboard needs the REST API');
    expect(() => resolveOptions({ dashboard: {}, apiEnabled: false })).toThrow('set apiEnabled to true');
  });

  it('can be set by SCHEDULER_DASHBOARD', () => {
    const read = (value: unknown): unknown => schedulerOptionsFromConfig({ SCHEDULER_DASHBOARD: value }).dashboard;
    expect(read('true')).toBe(true);
    expect(read('{"title": "Jobs"}')).toEqual({ title: 'Jobs' });
  });
});
