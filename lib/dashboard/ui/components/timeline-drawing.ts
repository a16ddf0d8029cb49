import { clockText, dayText, offsetOf, zone } from '../format.js';
import type { readColours } from './colours.js';
import type { Group } from './outcomes.js';
import { densityOf, rateOf, ticksOf, type Lane, type Mark, type Range } from './timeline-lanes.js';

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
  /** What is in the lanes of all that was and of all that comes; infinite where it is everything. */
  readonly listed: Range;
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
  const { height, labels, lanes, listed, now, top, width } = view;
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
  const [begin, end] = [listed.from, listed.to].map((time) => Math.min(Math.max(toX(view, time), labels), width));
  drawCut(context, view, colours, { from: labels, to: begin as number, text: 'Zoom in to see the runs before' });
  drawCut(context, view, colours, { from: end as number, to: width, text: 'Zoom in to see the times from here on' });
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

/** Here jobs have times that are not listed: nothing there must not look as if they stopped. */
function drawCut(
  context: CanvasRenderingContext2D,
  { height }: View,
  colours: Colours,
  { from, to, text }: { readonly from: number; readonly to: number; readonly text: string },
): void {
  if (to <= from) return;
  context.globalAlpha = 0.35;
  context.fillStyle = colours.line;
  context.fillRect(from, HEAD, to - from, height - HEAD);
  context.globalAlpha = 1;
  if (to - from - 16 < context.measureText(text).width) return;
  context.fillStyle = colours.text;
  context.fillText(text, from + 8, HEAD + ROW / 2);
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
  const fastest = marks.reduce((most, mark) => Math.max(most, rateOf(mark)), 0);
  for (const mark of marks) {
    if (mark.to < range.from || mark.from > range.to) continue;
    const x = Math.max(toX(view, mark.from), labels);
    const length = Math.max(3, Math.min(toX(view, mark.to), width) - x);
    const crowd = counts[Math.floor(x - labels)] ?? 1;
    // Where many share a pixel, the height says how many.
    const tall = busiest > 3 ? 6 + (8 * crowd) / busiest : 14;
    if (mark.count > 1) {
      // So many that they are not drawn one by one: the height says how near to one another they are.
      const high = 4 + (10 * rateOf(mark)) / fastest;
      context.globalAlpha = 0.55;
      context.fillStyle = colours.accent;
      context.fillRect(x, y + (ROW - high) / 2, Math.max(1, length - 0.5), high);
      context.globalAlpha = 1;
    } else if (mark.group === null) {
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
