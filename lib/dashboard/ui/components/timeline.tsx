import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { clockText, count, fullTime, stateName, zone } from '../format.js';
import { theme } from '../prefs.js';
import { href, navigate } from '../router.js';
import { readColours } from './colours.js';
import { drawTimeline, HEAD, plotOf, ROW, toX, type Count, type View } from './timeline-drawing.js';
import { arranged, zoomed, type Lane, type Mark, type Range } from './timeline-lanes.js';
import { useWidth } from './use-width.js';

const LABELS_WIDTH = 150;
/** How many lanes are in view at once. */
export const MOST_LANES = 15;
/** How near to a mark the pointer must be, in pixels. */
const NEAR = 5;

interface TimelineProps {
  readonly lanes: readonly Lane[];
  readonly range: Range;
  readonly now: number;
  readonly onRange: (range: Range) => void;
  readonly counts: readonly Count[];
  readonly listed: Range;
}

interface Tip {
  readonly mark: Mark;
  readonly x: number;
  readonly y: number;
}

/** What a mark is of, and when: it stays chosen when the lanes are read anew. */
const isSame = (one: Mark, other: Mark | null): boolean =>
  other !== null &&
  one.lane === other.lane &&
  one.runId === other.runId &&
  (one.runId !== null || one.from === other.from);

/** Past runs and times to come of many jobs on one axis. */
export function Timeline({ lanes: latest, range, now, onRange, counts, listed }: TimelineProps) {
  const box = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const isDark = useDark();
  const [top, setTop] = useState(0);
  const [pointed, setPointed] = useState<Tip | null>(null);
  const [wanted, choose] = useState<Mark | null>(null);
  const drag = useRef<{ x: number; range: Range; moved: boolean } | null>(null);
  /** Whether somebody points at the lanes or goes through them with the keys: then those in view stay where they are. */
  const isRead = useRef({ pointer: false, focus: false });
  const order = useRef<readonly string[]>([]);
  const lanes = useMemo(() => {
    const isHeld = isRead.current.pointer || isRead.current.focus;
    return arranged(latest, order.current, isHeld ? Math.ceil(top / ROW) + MOST_LANES : 0);
  }, [latest]);
  order.current = lanes.map(({ name }) => name);
  const height = HEAD + Math.min(MOST_LANES, lanes.length) * ROW + 4;
  const laneOf = (name: string): number => lanes.findIndex((lane) => lane.name === name);
  const chosen = (wanted && lanes[laneOf(wanted.lane)]?.marks.find((mark) => isSame(mark, wanted))) ?? null;
  const labels = width < 520 ? 84 : LABELS_WIDTH;
  const view: View = { lanes, range, now, counts, listed, width, height, labels, top, chosen };
  const colours = useMemo(readColours, [theme.value, isDark]);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context && width > 0) drawTimeline(context, view, colours);
  });

  const markAt = (event: PointerEvent): Tip | null => {
    const bounds = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    if (y < HEAD) return null;
    const lane = lanes[Math.floor((y - HEAD + top) / ROW)];
    if (!lane) return null;
    const distance = (mark: Mark): number => {
      const from = toX(view, mark.from);
      return Math.max(from - x, x - Math.max(toX(view, mark.to), from + 3));
    };
    let nearest: Mark | undefined;
    for (const mark of lane.marks) if (!nearest || distance(mark) < distance(nearest)) nearest = mark;
    return nearest && distance(nearest) <= NEAR ? { mark: nearest, x, y } : null;
  };
  const shift = (part: number): void => {
    const by = (range.to - range.from) * part;
    onRange({ from: range.from + by, to: range.to + by });
  };
  const open = (mark: Mark): void =>
    navigate(mark.runId === null ? href(['jobs', mark.lane]) : href(['runs', mark.runId]));
  const onMove = (event: PointerEvent): void => {
    const dragged = drag.current;
    if (!dragged) {
      setPointed(markAt(event));
      return;
    }
    const by = ((dragged.x - event.clientX) / plotOf(view)) * (dragged.range.to - dragged.range.from);
    if (Math.abs(dragged.x - event.clientX) > 3) dragged.moved = true;
    if (dragged.moved) onRange({ from: dragged.range.from + by, to: dragged.range.to + by });
  };
  const onUp = (event: PointerEvent): void => {
    const hit = drag.current && !drag.current.moved ? markAt(event) : null;
    drag.current = null;
    if (hit) open(hit.mark);
  };
  const onWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const bounds = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    onRange(zoomed(range, event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - bounds.left - labels) / plotOf(view)));
  };
  /** Chooses a mark that is in view: of another lane the one nearest in time, of the same lane the next one. */
  const step = (byLanes: number, byMarks: number): void => {
    const from = chosen ? laneOf(chosen.lane) : byLanes < 0 ? lanes.length : byMarks === 0 ? -1 : 0;
    const inView = (lane: number): readonly Mark[] =>
      lanes[lane]?.marks.filter((mark) => mark.to >= range.from && mark.from <= range.to) ?? [];
    let index = from + byLanes;
    // Lanes may have nothing in this range.
    while (inView(index).length === 0 && lanes[index]) index += byLanes || lanes.length;
    const marks = inView(index);
    if (marks.length === 0) return;
    const at = chosen?.from ?? now;
    const nearest = marks.reduce(
      (best, mark, place) => (Math.abs(mark.from - at) < Math.abs((marks[best] as Mark).from - at) ? place : best),
      0,
    );
    const place = chosen && byMarks !== 0 ? marks.findIndex((mark) => mark === chosen) + byMarks : nearest;
    choose(marks[Math.min(marks.length - 1, Math.max(0, place))] as Mark);
    const y = index * ROW;
    const room = height - HEAD - ROW;
    if (y < top || y > top + room) scroller.current?.scrollTo({ top: y < top ? y : y - room });
  };
  const onKey = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, (() => void) | undefined>> = {
      ArrowLeft: () => shift(-0.2),
      ArrowRight: () => shift(0.2),
      ArrowUp: () => step(-1, 0),
      ArrowDown: () => step(1, 0),
      ',': () => step(0, -1),
      '.': () => step(0, 1),
      '+': () => onRange(zoomed(range, 0.5)),
      '-': () => onRange(zoomed(range, 2)),
      Escape: () => choose(null),
      Enter: chosen ? () => open(chosen) : undefined,
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  const tip: Tip | null =
    pointed ??
    (chosen && {
      mark: chosen,
      x: Math.max(labels, toX(view, chosen.from)),
      y: HEAD + laneOf(chosen.lane) * ROW - top + ROW / 2,
    });
  const past = lanes.reduce((sum, { marks }) => sum + marks.filter(({ group }) => group !== null).length, 0);
  const summary = `Timeline from ${fullTime(new Date(range.from))} to ${fullTime(new Date(range.to))}: ${lanes.length} jobs, ${past} runs. The arrow keys to the left and right move it, plus and minus zoom; those up and down choose a job, comma and full stop its times, Enter opens one.`;
  return (
    <div ref={box} class="timeline" data-zone={zone.value}>
      <div
        ref={scroller}
        class="timeline-scroll"
        style={{ height: `${height}px` }}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div style={{ height: `${HEAD + lanes.length * ROW + 4}px` }}>
          <canvas
            ref={canvas}
            style={{ height: `${height}px` }}
            role="img"
            aria-label={summary}
            tabIndex={0}
            onPointerDown={(event) => {
              if (event.button === 0) drag.current = { x: event.clientX, range, moved: false };
            }}
            onPointerMove={onMove}
            onPointerUp={onUp}
            onPointerEnter={() => (isRead.current.pointer = true)}
            onPointerLeave={() => {
              isRead.current.pointer = false;
              drag.current = null;
              setPointed(null);
            }}
            onWheel={onWheel}
            onKeyDown={onKey}
            // A click that moves the timeline leaves the focus there, and nobody reads on.
            onFocus={(event) => (isRead.current.focus = event.currentTarget.matches(':focus-visible'))}
            onBlur={() => {
              isRead.current.focus = false;
              choose(null);
            }}
          />
        </div>
      </div>
      <div role="status">
        {tip && (
          <div
            class="tip"
            style={{ left: `${Math.min(tip.x + 10, Math.max(0, width - 240))}px`, top: `${tip.y + 14}px` }}
          >
            <strong>{tip.mark.lane}</strong>
            <br />
            {textOf(tip.mark)}
          </div>
        )}
      </div>
    </div>
  );
}

/** What a mark is, in words. */
function textOf({ count: times, from, state, to }: Mark): string {
  if (times === 1) return `${stateName(state)} · ${fullTime(new Date(from))}`;
  return `Due about ${count(times)} times until ${clockText(new Date(to), true)} · ${fullTime(new Date(from))}`;
}

/** Whether the system's colours are dark: the choice may be to follow them. */
function useDark(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const change = (): void => setDark(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return isDark;
}
