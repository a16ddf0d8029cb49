import type { DashboardFile, DashboardFiles } from '../../dashboard/files.js';
import type { ResolvedDashboard } from '../../module/dashboard-options.js';

/** Nothing from elsewhere, and nothing that a page has in itself: what somebody smuggles into a text cannot do anything. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A calendar page with a clock's hands. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4f46e5"/><circle cx="16" cy="16" r="9" fill="none" stroke="#fff" stroke-width="2.5"/><path d="M16 10.5V16l4 2.5" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/></svg>`;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

/**
 * The dashboard's only document. Its addresses are relative: a proxy may serve the application under another path.
 *
 * @param path - of the request, without its query. Its end decides what relative addresses are relative to.
 */
export function dashboardPage(dashboard: ResolvedDashboard, { script, style }: DashboardFiles, path: string): string {
  const segments = dashboard.path.split('/').slice(1);
  const isFolder = path.endsWith('/');
  const folder = isFolder ? '' : `${segments.at(-1) as string}/`;
  const api = '../'.repeat(segments.length - (isFolder ? 0 : 1)) || './';
  const { title, timezone, links } = dashboard;
  const config = JSON.stringify({ api, title, timezone, links });
  const address = ({ name }: DashboardFile): string => escapeHtml(folder + name);
  return `<!doctype html>
<html lang="en" data-config="${escapeHtml(config)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}">
<link rel="stylesheet" href="${address(style)}">
<script type="module" src="${address(script)}"></script>
</head>
<body>
<div id="app"></div>
<noscript>The dashboard needs JavaScript.</noscript>
</body>
</html>
`;
}
