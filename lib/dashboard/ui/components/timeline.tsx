import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { clockText, dayText, fullTime, offsetOf, zone } from '../format.js';
import { theme } from '../prefs.js';
import { href, navigate } from '../router.js';
import { readColours, type Group } from './outcomes.js';
import { densityOf, ticksOf, zoomed, type Lane, type Mark, type Range } from './timeline-lanes.js';

const LABELS_WIDTH = 150;
const AXIS = 24;
/** Where the times of all jobs are counted. */
const SUM = 26;
const HEAD = AXIS + SUM;
const ROW = 24;
const MOST_HEIGHT = 420;
/** How near to a mark the pointer must be, in pixels. */
const NEAR = 5;
const DAY_MS = 86_400_000;

interface TimelineProps {
  readonly lanes: readonly Lane[];
  readonly range: Range;
  readonly now: number;
  readonly onRange: (range: Range) => void;
  /** How many times there are in each interval, and how many runs there were, of all jobs. */
  readonly counts: readonly Count[];
  /** Until when all times to come are in the lanes; null where all of them are. */
  readonly listedTo: number | null;
}

export interface Count extends Range {
  readonly count: number;
  /** Null for times to come. */
  readonly group: Group | null;
}

interface Tip {
  readonly mark: Mark;
  readonly x: number;
  readonly y: number;
}

/** Past runs and times to come of many jobs on one axis. Only lanes in view are drawn, so that thousands cost no more than a few. */
export function Timeline({ lanes, range, now, onRange, counts, listedTo }: TimelineProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [top, setTop] = useState(0);
  const [tip, setTip] = useState<Tip | null>(null);
  const drag = useRef<{ x: number; range: Range; moved: boolean } | null>(null);
  const height = Math.min(MOST_HEIGHT, HEAD + lanes.length * ROW + 4);
  const labels = width < 520 ? 84 : LABELS_WIDTH;
  const plot = Math.max(1, width - labels);
  const toX = (time: number): number => labels + ((time - range.from) / (range.to - range.from)) * plot;

  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => setWidth((before) => before + 0.001);
    dark.addEventListener('change', redraw);
    return () => {
      observer.disconnect();
      dark.removeEventListener('change', redraw);
    };
  }, []);

  const colours = useMemo(readColours, [theme.value, width]);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) return;
    const ratio = devicePixelRatio;
    context.canvas.width = Math.round(width * ratio);
    context.canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = '12px system-ui, sans-serif';
    context.textBaseline = 'middle';
    drawAxis(context);
    drawCounts(context);
    const first = Math.floor(top / ROW);
    context.save();
    context.beginPath();
    context.rect(0, HEAD, width, height - HEAD);
    context.clip();
    lanes.slice(first, first + Math.ceil(height / ROW) + 1).forEach((lane, index) => {
      drawLane(context, lane, HEAD + (first + index) * ROW - top);
    });
    context.restore();
    if (listedTo !== null && listedTo < range.to) drawCut(context, Math.max(toX(listedTo), labels));
    const at = toX(now);
    if (at >= labels && at <= width) {
      context.fillStyle = colours.accent;
      context.fillRect(at - 0.75, AXIS - 4, 1.5, height - AXIS + 4);
    }
  });

  function drawAxis(context: CanvasRenderingContext2D): void {
    const span = range.to - range.from;
    for (const tick of ticksOf(range, plot, (time) => offsetOf(time, zone.value))) {
      const x = toX(tick);
      context.fillStyle = colours.line;
      context.fillRect(x, AXIS, 1, height - AXIS);
      context.fillStyle = colours.text;
      const time = new Date(tick);
      const text = span > 3 * DAY_MS ? dayText(time) : clockText(time, span < 600_000);
      const half = context.measureText(text).width / 2;
      context.fillText(text, Math.min(Math.max(x - half, labels), width - 2 * half), AXIS / 2);
    }
  }

  /** Beyond this jobs have times that are not listed: nothing there must not look as if they stopped. */
  function drawCut(context: CanvasRenderingContext2D, x: number): void {
    context.globalAlpha = 0.35;
    context.fillStyle = colours.line;
    context.fillRect(x, HEAD, width - x, height - HEAD);
    context.globalAlpha = 1;
    const text = 'Zoom in to see the times from here on';
    const room = width - x - 16;
    if (room < context.measureText(text).width || lanes.length === 0) return;
    context.fillStyle = colours.text;
    context.fillText(text, x + 8, HEAD + ROW / 2);
  }

  function drawCounts(context: CanvasRenderingContext2D): void {
    // By their rates: the intervals of what was and of what comes are not of one length.
    const rate = ({ from, to, count }: Count): number => count / Math.max(1, to - from);
    const most = Math.max(Number.MIN_VALUE, ...counts.map(rate));
    context.fillStyle = colours.text;
    context.fillText('All jobs', 0, AXIS + SUM / 2);
    context.save();
    context.beginPath();
    context.rect(labels, AXIS, plot, SUM);
    context.clip();
    context.globalAlpha = 0.5;
    for (const count of counts) {
      const { from, to, group } = count;
      const tall = ((SUM - 4) * rate(count)) / most;
      context.fillStyle = group === null ? colours.accent : colours[group];
      context.fillRect(toX(from) + 0.5, HEAD - 1 - tall, Math.max(1, toX(to) - toX(from) - 1), tall);
    }
    context.restore();
    context.fillStyle = colours.line;
    context.fillRect(0, HEAD - 0.5, width, 0.5);
  }

  function drawLane(context: CanvasRenderingContext2D, { name, marks }: Lane, y: number): void {
    context.fillStyle = colours.line;
    context.fillRect(0, y + ROW - 0.5, width, 0.5);
    context.fillStyle = colours.text;
    context.fillText(fit(context, name, labels - 12), 0, y + ROW / 2);
    const counts = densityOf(marks, range, Math.ceil(plot));
    const busiest = counts.reduce((most, value) => Math.max(most, value), 0);
    for (const mark of marks) {
      if (mark.to < range.from || mark.from > range.to) continue;
      const x = Math.max(toX(mark.from), labels);
      const length = Math.max(3, Math.min(toX(mark.to), width) - x);
      const crowd = counts[Math.floor(x - labels)] ?? 1;
      // Where many share a pixel, the height says how many.
      const tall = busiest > 3 ? 6 + (8 * crowd) / busiest : 14;
      if (mark.group === null) {
        context.strokeStyle = colours.accent;
        context.strokeRect(x - 1.5, y + (ROW - tall) / 2 + 0.5, 3, tall - 1);
      } else {
        context.fillStyle = colours[mark.group];
        context.fillRect(x, y + (ROW - tall) / 2, length, tall);
      }
    }
  }

  const markAt = (event: PointerEvent): Tip | null => {
    const bounds = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    if (y < HEAD) return null;
    const lane = lanes[Math.floor((y - HEAD + top) / ROW)];
    if (!lane) return null;
    const distance = (mark: Mark): number =>
      Math.max(toX(mark.from) - x, x - Math.max(toX(mark.to), toX(mark.from) + 3));
    let nearest: Mark | undefined;
    for (const mark of lane.marks) if (!nearest || distance(mark) < distance(nearest)) nearest = mark;
    return nearest && distance(nearest) <= NEAR ? { mark: nearest, x, y } : null;
  };
  const shift = (part: number): void => {
    const by = (range.to - range.from) * part;
    onRange({ from: range.from + by, to: range.to + by });
  };
  const onMove = (event: PointerEvent): void => {
    const dragged = drag.current;
    if (!dragged) {
      setTip(markAt(event));
      return;
    }
    const by = ((dragged.x - event.clientX) / plot) * (dragged.range.to - dragged.range.from);
    if (Math.abs(dragged.x - event.clientX) > 3) dragged.moved = true;
    if (dragged.moved) onRange({ from: dragged.range.from + by, to: dragged.range.to + by });
  };
  const onUp = (event: PointerEvent): void => {
    const hit = drag.current && !drag.current.moved ? markAt(event) : null;
    drag.current = null;
    if (hit) navigate(hit.mark.runId === null ? href(['jobs', hit.mark.lane]) : href(['runs', hit.mark.runId]));
  };
  const onWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const bounds = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    onRange(zoomed(range, event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - bounds.left - labels) / plot));
  };
  const onKey = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => shift(-0.2),
      ArrowRight: () => shift(0.2),
      '+': () => onRange(zoomed(range, 0.5)),
      '-': () => onRange(zoomed(range, 2)),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  const past = lanes.reduce((sum, { marks }) => sum + marks.filter(({ group }) => group !== null).length, 0);
  const summary = `Timeline from ${fullTime(new Date(range.from))} to ${fullTime(new Date(range.to))}: ${lanes.length} jobs, ${past} runs. The arrow keys move it, plus and minus zoom.`;
  return (
    <div ref={box} class="timeline" data-zone={zone.value}>
      <div
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
            onPointerLeave={() => {
              drag.current = null;
              setTip(null);
            }}
            onWheel={onWheel}
            onKeyDown={onKey}
          />
        </div>
      </div>
      {tip && (
        <div
          class="tip"
          style={{ left: `${Math.min(tip.x + 10, Math.max(0, width - 240))}px`, top: `${tip.y + 14}px` }}
        >
          <strong>{tip.mark.lane}</strong>
          <br />
          {tip.mark.state} · {fullTime(new Date(tip.mark.from))}
        </div>
      )}
    </div>
  );
}

function fit(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = Math.min(text.length, 60);
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length)}…`;
}
