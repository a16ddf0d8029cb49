import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clockText, dayText, zone } from '../format.js';
import { theme } from '../prefs.js';
import { readColours } from './outcomes.js';

export interface Series {
  readonly label: string;
  readonly colour: keyof ReturnType<typeof readColours>;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** In epoch seconds. */
  readonly times: readonly number[];
  /** Of bars, each stands on those before it. */
  readonly series: readonly Series[];
  readonly kind: 'bars' | 'points';
  readonly format?: (value: number) => string;
}

const HEIGHT = 170;

/** Values over time. */
export function Chart({ label, times, series, kind, format = String }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const colours = readColours();
    const axis = {
      stroke: colours.text,
      grid: { stroke: colours.line, width: 1 },
      ticks: { show: false },
      font: '12px system-ui',
    };
    const bars = uPlot.paths.bars?.({ size: [0.8, 24], align: 1 });
    const stacked = kind === 'bars' ? stack(series) : series.map(({ values }) => values);
    const chart = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        padding: [8, 8, 0, 0],
        cursor: { y: false, points: { show: kind === 'points' } },
        legend: { show: false },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone.value),
        scales: {
          x: { range: (_, least, most) => (most - least < 60 ? [least - 30, most + 30] : [least, most]) },
          y: { range: (_, __, most) => [0, Math.max(1e-3, most * 1.1) || 1] },
        },
        axes: [
          { ...axis, space: 80, values: (_, splits) => splits.map((at) => timeText(at, splits)) },
          { ...axis, size: 62, values: (_, values) => values.map(format) },
        ],
        // The tallest first: those before it are drawn over it.
        series: [{}, ...series.map((one) => styleOf(one, colours[one.colour], kind, bars)).toReversed()],
      },
      [[...times], ...stacked.map((values) => [...values]).toReversed()] as uPlot.AlignedData,
      element,
    );
    const observer = new ResizeObserver(() =>
      chart.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [times, series, kind, theme.value, zone.value]);
  return <div class="chart" ref={box} role="img" aria-label={label} />;
}

const DAY_S = 86_400;

/** A label of the time axis: days where it spans several, seconds where labels are closer than a minute. */
function timeText(at: number, splits: readonly number[]): string {
  const [first = at, second = at + 60] = splits;
  if ((splits.at(-1) ?? at) - first > 2 * DAY_S) return dayText(new Date(at * 1000));
  return clockText(new Date(at * 1000), second - first < 60);
}

function styleOf(
  { label }: Series,
  colour: string,
  kind: ChartProps['kind'],
  bars: uPlot.Series.PathBuilder | undefined,
): uPlot.Series {
  return kind === 'bars'
    ? { label, fill: colour, stroke: colour, width: 0, points: { show: false }, ...(bars && { paths: bars }) }
    : { label, stroke: colour, paths: () => null, points: { show: true, size: 7, fill: colour, stroke: colour } };
}

function stack(series: readonly Series[]): (number | null)[][] {
  const sums = series[0]?.values.map(() => 0) ?? [];
  return series.map(({ values }) =>
    values.map((value, index) => (sums[index] = (sums[index] as number) + (value ?? 0))),
  );
}
