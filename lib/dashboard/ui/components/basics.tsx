import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ConnectionError } from '../../../client/index.js';
import { now } from '../clock.js';
import { fullTime, relativeTime, shortTime, stateName, VIEWER_ZONE, zone } from '../format.js';
import { config } from '../config.js';
import { messageOf } from '../load.js';

/** A page's heading, with what can be done beside it. It takes the focus when the page opens, so that screen readers say where they are. */
export function PageHead({
  title,
  children,
  back,
}: {
  title: string;
  children?: ComponentChildren;
  back?: JSX.Element;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${config.title}`;
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <header class="page-head">
      {back && <div class="back">{back}</div>}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <div class="actions">{children}</div>
    </header>
  );
}

/** A part of a page. */
export function Card({ title, aside, children, flush }: CardProps) {
  return (
    <section class={`card${flush ? ' flush' : ''}`} aria-label={title}>
      {title !== undefined && (
        <div class="card-head">
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

interface CardProps {
  readonly title?: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Without space around what is in it: for tables. */
  readonly flush?: boolean;
}

/** A state of a job, a run or a node. */
export function Badge({ state }: { state: string }) {
  return <span class={`badge is-${state}`}>{stateName(state)}</span>;
}

/** A point in time: relative, short or in full; its title has all of it. */
export function Time({ at, relative, full }: { at: string | null | undefined; relative?: boolean; full?: boolean }) {
  if (at === null || at === undefined) return <span class="quiet">–</span>;
  const time = new Date(at);
  const inZone = zone.value;
  const title = inZone === VIEWER_ZONE ? fullTime(time) : `${fullTime(time)} · ${fullTime(time, VIEWER_ZONE)}`;
  return (
    <time dateTime={at} title={title}>
      {full ? fullTime(time) : relative ? relativeTime(time.getTime(), now.value) : shortTime(time, now.value)}
    </time>
  );
}

/** Says that there is nothing, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** An error in the place of what could not be loaded. */
export function ErrorNote({ error }: { error: Error | undefined }) {
  if (!error) return null;
  return (
    <p class="error-note" role="alert">
      {error instanceof ConnectionError
        ? 'The server does not answer. What is shown may be out of date; the page keeps trying.'
        : messageOf(error)}
    </p>
  );
}

export function Spinner() {
  return (
    <p class="loading" role="status">
      Loading …
    </p>
  );
}

/** What was loaded, what went wrong, or that it takes a while. */
export function Shown<T>({
  of,
  children,
}: {
  of: { data: T | undefined; error: Error | undefined };
  children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      <ErrorNote error={of.error} />
      {of.data === undefined ? of.error ? null : <Spinner /> : children(of.data)}
    </>
  );
}

/** What may be wider than the page, such as a table; it can be scrolled with the keyboard too. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="scroll" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** JSON, indented, as text. */
export function Json({ value }: { value: unknown }) {
  return (
    <pre class="json" tabIndex={0}>
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </pre>
  );
}

/** Terms and what they are. */
export function Facts({ of }: { of: readonly (readonly [term: string, value: ComponentChildren] | null | false)[] }) {
  return (
    <dl class="facts">
      {of.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
