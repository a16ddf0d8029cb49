import { describe, expect, it } from 'vitest';
import { dashboardPage } from '../../../lib/rest/dashboard/dashboard-page.js';

const FILES = {
  script: { name: 'a.js', type: 'text/javascript', content: '' },
  style: { name: 'a.css', type: 'text/css', content: '' },
};
const OPTIONS = { path: '/ui', title: 'Jobs', timezone: null, links: [] };

/** Where a browser finds the files and the API, for a page that it has from an address. */
function addressesOf(path: string, page: string): { script: string; api: string } {
  const html = dashboardPage({ ...OPTIONS, path }, FILES, page);
  const script = /src="([^"]+)"/.exec(html)?.[1] ?? '';
  const api = /&quot;api&quot;:&quot;([^&]+)&quot;/.exec(html)?.[1] ?? '';
  const base = `https://example.org/proxied${page}`;
  return { script: new URL(script, base).pathname, api: new URL(api, base).pathname };
}

describe("The dashboard's page", () => {
  it.each([
    ['/ui', '/scheduler/ui'],
    ['/ui', '/scheduler/ui/'],
    ['/admin/ui', '/scheduler/admin/ui'],
    ['/admin/ui', '/scheduler/admin/ui/'],
  ])('at %s finds its files and the API from %s, whatever a proxy puts before it', (path, page) => {
    expect(addressesOf(path, page)).toEqual({ script: `/proxied/scheduler${path}/a.js`, api: '/proxied/scheduler/' });
  });

  it('shows a title as text', () => {
    const html = dashboardPage({ ...OPTIONS, title: `</title><script>"&'` }, FILES, '/scheduler/ui');
    expect(html).toContain('<title>&lt;/title&gt;&lt;script&gt;&quot;&amp;&#39;</title>');
    expect(html.match(/<script/g)).toHaveLength(1);
  });
});
