import { clockText, dayText, offsetOf, zone } from '../format.js';
import type { readColours, Group } from './outcomes.js';
import { densityOf, ticksOf, type Lane, type Mark, type Range } from './timeline-lanes.js';

export const AXIS = 24;
/** Where the times of all jobs are counted. */
const SUM = 26;
export const HEAD = AXIS + SUM;
export const ROW = 24;
const DAY_MS = 86_400_000;

export interface Count extends Range {
  readonly count: number;
  /** Null for times to come. */
  readonly group: Group | null;
}

/** What is drawn, and how much room there is. */
export interface View {
  readonly lanes: readonly Lane[];
  readonly range: Range;
  readonly now: number;
  /** How many times there are in each interval, and how many runs there were, of all jobs. */
  readonly counts: readonly Count[];
  /** Until when all times to come are in the lanes; null where all of them are. */
  readonly listedTo: number | null;
  readonly width: number;
  readonly height: number;
  /** The room of the lanes' names. */
  readonly labels: number;
  /** How far the lanes are scrolled. */
  readonly top: number;
  readonly chosen: Mark | null;
}

type Colours = ReturnType<typeof readColours>;

/** Where a time stands, in pixels. */
export const toX = ({ labels, range, width }: View, time: number): number =>
  labels + ((time - range.from) / (range.to - range.from)) * plotOf({ labels, width });

export const plotOf = ({ labels, width }: Pick<View, 'labels' | 'width'>): number => Math.max(1, width - labels);

/** Draws the lanes in view only, so that thousands cost no more than a few. */
export function drawTimeline(context: CanvasRenderingContext2D, view: View, colours: Colours): void {
  const { height, labels, lanes, listedTo, now, range, top, width } = view;
  const ratio = devicePixelRatio;
  context.canvas.width = Math.round(width * ratio);
  context.canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  drawAxis(context, view, colours);
  drawCounts(context, view, colours);
  const first = Math.floor(top / ROW);
  context.save();
  context.beginPath();
  context.rect(0, HEAD, width, height - HEAD);
  context.clip();
  lanes.slice(first, first + Math.ceil(height / ROW) + 1).forEach((lane, index) => {
    drawLane(context, view, colours, { lane, y: HEAD + (first + index) * ROW - top });
  });
  context.restore();
  if (listedTo !== null && listedTo < range.to) drawCut(context, view, colours, Math.max(toX(view, listedTo), labels));
  const at = toX(view, now);
  if (at >= labels && at <= width) {
    context.fillStyle = colours.accent;
    context.fillRect(at - 0.75, AXIS - 4, 1.5, height - AXIS + 4);
  }
}

function drawAxis(context: CanvasRenderingContext2D, view: View, colours: Colours): void {
  const { height, labels, range, width } = view;
  const span = range.to - range.from;
  for (const tick of ticksOf(range, plotOf(view), (time) => offsetOf(time, zone.value))) {
    const x = toX(view, tick);
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
function drawCut(context: CanvasRenderingContext2D, view: View, colours: Colours, x: number): void {
  const { height, lanes, width } = view;
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

function drawCounts(context: CanvasRenderingContext2D, view: View, colours: Colours): void {
  const { counts, labels, width } = view;
  // By their rates: the intervals of what was and of what comes are not of one length.
  const rate = ({ from, to, count }: Count): number => count / Math.max(1, to - from);
  const most = Math.max(Number.MIN_VALUE, ...counts.map(rate));
  context.fillStyle = colours.text;
  context.fillText('All jobs', 0, AXIS + SUM / 2);
  context.save();
  context.beginPath();
  context.rect(labels, AXIS, plotOf(view), SUM);
  context.clip();
  context.globalAlpha = 0.5;
  for (const count of counts) {
    const tall = ((SUM - 4) * rate(count)) / most;
    const x = toX(view, count.from);
    context.fillStyle = count.group === null ? colours.accent : colours[count.group];
    context.fillRect(x + 0.5, HEAD - 1 - tall, Math.max(1, toX(view, count.to) - x - 1), tall);
  }
  context.restore();
  context.fillStyle = colours.line;
  context.fillRect(0, HEAD - 0.5, width, 0.5);
}

function drawLane(
  context: CanvasRenderingContext2D,
  view: View,
  colours: Colours,
  { lane: { marks, name }, y }: { readonly lane: Lane; readonly y: number },
): void {
  const { chosen, labels, range, width } = view;
  context.fillStyle = colours.line;
  context.fillRect(0, y + ROW - 0.5, width, 0.5);
  context.fillStyle = colours.text;
  context.fillText(fit(context, name, labels - 12), 0, y + ROW / 2);
  const counts = densityOf(marks, range, Math.ceil(plotOf(view)));
  const busiest = counts.reduce((most, value) => Math.max(most, value), 0);
  for (const mark of marks) {
    if (mark.to < range.from || mark.from > range.to) continue;
    const x = Math.max(toX(view, mark.from), labels);
    const length = Math.max(3, Math.min(toX(view, mark.to), width) - x);
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
    if (mark === chosen) {
      context.strokeStyle = colours.text;
      context.strokeRect(x - 3.5, y + 2.5, length + 7, ROW - 5);
    }
  }
}

function fit(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = Math.min(text.length, 60);
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length)}…`;
}
