import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dismiss, notices } from './act.js';
import { can, client, info, type Action } from './api.js';
import { Empty, PageHead, Shown } from './components/basics.js';
import { Dialog, Questions } from './components/dialog.js';
import { config } from './config.js';
import { VIEWER_ZONE, zone } from './format.js';
import { useKeys } from './keyboard.js';
import { isConnected, isLive } from './live.js';
import { useLoad } from './load.js';
import { isZone, theme, zoneChoice, type Theme } from './prefs.js';
import { AuditPage } from './pages/audit.js';
import { ClusterPage } from './pages/cluster/cluster-page.js';
import { JobPage } from './pages/job/job-page.js';
import { JobFormPage } from './pages/job-form.js';
import { JobsPage } from './pages/jobs/jobs-page.js';
import { OverviewPage } from './pages/overview/overview-page.js';
import { RunPage } from './pages/run.js';
import { RunsPage } from './pages/runs.js';
import { href, navigate, path } from './router.js';

const SHORTCUTS: readonly (readonly [key: string, does: string])[] = [
  ['/', 'Search jobs'],
  ['j', 'Next row'],
  ['k', 'Previous row'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row'],
  ['r', 'Run the job'],
  ['p', 'Pause or resume the job'],
  ['n', 'New job'],
  ['e', 'Edit the job that is open'],
  ['← →', 'Step through the chart in focus'],
  ['?', 'Show this list'],
  ['Esc', 'Close a dialog, leave the search'],
];

export function App() {
  const loaded = useLoad('info', async (signal) => (info.value = await client.getSchedulerInfo({ signal })));
  const [isHelpOpen, openHelp] = useState(false);
  useKeys({
    '?': () => openHelp(true),
    '/': () => navigate(href(['jobs'], { focus: 'search' })),
    n: can('jobs.write') ? () => navigate(href(['new'])) : undefined,
  });
  return (
    <div class="frame">
      <a class="skip" href={`#/${path.value.join('/')}`} onClick={focusMain}>
        Skip to the content
      </a>
      <Side onHelp={() => openHelp(true)} />
      <main id="main" tabIndex={-1}>
        <Shown of={loaded}>{() => <Page />}</Shown>
      </main>
      <div class="notices" aria-live="polite">
        {notices.value.map(({ id, kind, text }) => (
          <div key={id} class={`notice ${kind}`} role={kind === 'failed' ? 'alert' : 'status'}>
            <span>{text}</span>
            <button class="plain tiny" aria-label="Close" onClick={() => dismiss(id)}>
              ✕
            </button>
          </div>
        ))}
      </div>
      <Questions />
      {isHelpOpen && (
        <Dialog title="Keyboard shortcuts" onClose={() => openHelp(false)}>
          <dl class="facts">
            {SHORTCUTS.map(([key, does]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <form method="dialog" class="dialog-actions">
            <button>Close</button>
          </form>
        </Dialog>
      )}
    </div>
  );
}

function focusMain(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** What each page needs; a viewer who may not have it is told so, and nothing is asked for. */
const NEEDS: Readonly<Record<string, Action>> = {
  jobs: 'jobs.read',
  new: 'jobs.write',
  runs: 'runs.read',
  audit: 'audit.read',
};

/** The page that the address names. */
function Page(): JSX.Element {
  const [page = '', id, part] = path.value;
  // Browsers take these for folders, and ask for something else.
  if (id === '.' || id === '..') return <NotFound />;
  const needed = part === 'edit' ? 'jobs.write' : NEEDS[page];
  if (needed !== undefined && !can(needed)) {
    return (
      <>
        <PageHead title="Not allowed" />
        <Empty title="You may not see this page">
          <p>It needs the action {needed}.</p>
        </Empty>
      </>
    );
  }
  switch (page) {
    case '':
      return <OverviewPage />;
    case 'jobs':
      if (id === undefined) return <JobsPage />;
      return part === 'edit' ? <JobFormPage key={`edit ${id}`} edited={id} /> : <JobPage key={id} id={id} />;
    case 'new':
      return <JobFormPage key={`new ${id}`} copied={id} />;
    case 'runs':
      return id === undefined ? <RunsPage /> : <RunPage key={id} id={id} />;
    case 'audit':
      return <AuditPage />;
    case 'cluster':
      return <ClusterPage />;
    default:
      return <NotFound />;
  }
}

function NotFound() {
  return (
    <>
      <PageHead title="Not found" />
      <Empty title="There is no such page">
        <a href={href([])}>Go to the overview</a>
      </Empty>
    </>
  );
}

function Side({ onHelp }: { onHelp: () => void }) {
  const [page = ''] = path.value;
  const link = (name: string, label: string): ComponentChildren => (
    <a href={href(name === '' ? [] : [name])} aria-current={page === name ? 'page' : undefined}>
      {label}
    </a>
  );
  return (
    <header class="side">
      <a class="brand" href={href([])}>
        <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" fill="#4f46e5" />
          <circle cx="16" cy="16" r="9" fill="none" stroke="#fff" stroke-width="2.5" />
          <path d="M16 10.5V16l4 2.5" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" />
        </svg>
        {config.title}
      </a>
      <nav aria-label="Pages">
        {link('', 'Overview')}
        {can('jobs.read') && link('jobs', 'Jobs')}
        {can('runs.read') && link('runs', 'Runs')}
        {link('cluster', 'Nodes and stores')}
        {can('audit.read') && link('audit', 'Audit trail')}
        {config.links.map(({ label, url }) => (
          <a key={url} href={url} target="_blank" rel="noreferrer">
            {label} ↗
          </a>
        ))}
      </nav>
      <div class="foot">
        <ZoneField />
        <label>
          Colours
          <select value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as Theme)}>
            <option value="system">As the system</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </select>
        </label>
        <div class="row">
          <button class="plain tiny" aria-pressed={!isLive.value} onClick={() => (isLive.value = !isLive.value)}>
            {!isLive.value ? '‖ On hold' : isConnected.value ? '● Live' : '○ Every 2 s'}
          </button>
          <button class="plain tiny" onClick={onHelp}>
            Shortcuts <kbd>?</kbd>
          </button>
        </div>
      </div>
    </header>
  );
}

const ZONES: readonly string[] = Intl.supportedValuesOf('timeZone');

function ZoneField() {
  const choose = (value: string): void => {
    if (value === '' || isZone(value)) zoneChoice.value = value;
  };
  return (
    <label>
      Times in
      <input
        list="zones"
        value={zoneChoice.value}
        placeholder={zone.value === VIEWER_ZONE ? `${VIEWER_ZONE} (yours)` : zone.value}
        onChange={(event) => choose(event.currentTarget.value.trim())}
      />
      <datalist id="zones">
        {['UTC', ...ZONES].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}
