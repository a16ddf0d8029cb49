import { useRef, useState } from 'preact/hooks';
import { clockText, count, dayText, duration, offsetOf, zone } from '../format.js';
import { labelledOf, levelsOf, type Unit } from './chart-scale.js';
import type { Group } from './outcomes.js';
import { ticksOf } from './timeline-lanes.js';
import { useWidth } from './use-width.js';

export interface Series {
  readonly group: Group;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** Of the values, in epoch milliseconds. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly unit: Unit;
  /** Of bars, each spans so many milliseconds, and stands on those before it; points have one place each, however far apart they are. */
  readonly step?: number;
  /** A value in words: when, and what. */
  readonly describe: (index: number) => readonly [when: string, what: string];
  /** Opens what a value is of. */
  readonly onOpen?: (index: number) => void;
}

const HEIGHT = 170;
const TOP = 8;
const BOTTOM = HEIGHT - 22;
const RADIUS = 3.5;
const LABEL_ROOM = 88;
const DAY_MS = 86_400_000;

/** Values over time. The pointer or the arrow keys choose one, which is shown in words. */
export function Chart({ label, times, series, unit, step, describe, onOpen }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [chosen, choose] = useState<number | null>(null);
  const format = unit === 'seconds' ? duration : count;
  const stacked = step === undefined ? series.map(({ values }) => values) : stack(series);
  const levels = levelsOf(Math.max(0, ...stacked.flat().map((value) => value ?? 0)), unit);
  const top = levels.at(-1) as number;
  const texts = levels.map((level) => (level === 0 ? '0' : format(level)));
  const left = 12 + 7 * Math.max(...texts.map((text) => text.length));
  const slot = Math.max(0, width - left - 4) / Math.max(1, times.length);
  const middle = (index: number): number => left + (index + 0.5) * slot;
  const toY = (value: number): number => BOTTOM - (value / top) * (BOTTOM - TOP);
  const at = chosen === null || times.length === 0 ? null : Math.min(chosen, times.length - 1);
  const told = at === null ? null : describe(at);

  const labels =
    step === undefined
      ? labelledOf(times.length, width - left, LABEL_ROOM).map(
          (index) => [middle(index), times[index] as number] as const,
        )
      : roundTimes(times, step, slot).map((time) => [left + ((time - (times[0] ?? 0)) / step) * slot, time] as const);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);

  const choosePointed = (event: PointerEvent): void => {
    const x = event.clientX - (box.current as HTMLDivElement).getBoundingClientRect().left;
    choose(Math.min(times.length - 1, Math.max(0, Math.floor((x - left) / slot))));
  };
  const onKey = (event: KeyboardEvent): void => {
    const from = at ?? times.length;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: times.length - 1 }[event.key];
    if (event.key === 'Enter' && at !== null) onOpen?.(at);
    else if (event.key === 'Escape') choose(null);
    else if (to === undefined) return;
    else choose(Math.min(times.length - 1, Math.max(0, to)));
    event.preventDefault();
  };

  return (
    <div
      ref={box}
      class={`chart${onOpen ? ' opens' : ''}`}
      role="group"
      aria-label={`${label}. The arrow keys go through it${onOpen ? ', Enter opens a run' : ''}.`}
      tabIndex={0}
      onPointerMove={choosePointed}
      onPointerDown={choosePointed}
      onPointerLeave={() => choose(null)}
      onClick={() => at !== null && onOpen?.(at)}
      onBlur={() => choose(null)}
      onKeyDown={onKey}
    >
      <svg width={width} height={HEIGHT} aria-hidden="true">
        {levels.map((level, index) => (
          <g key={index}>
            <path class="grid" d={`M${left} ${Math.round(toY(level)) + 0.5}H${width}`} />
            <text x={left - 8} y={toY(level) + 4} text-anchor="end">
              {texts[index]}
            </text>
          </g>
        ))}
        {at !== null && <rect class="chosen" x={left + at * slot} y={TOP} width={slot} height={BOTTOM - TOP} />}
        {stacked.map((values, index) => (
          <path
            key={index}
            class={`is-${series[index]?.group}`}
            d={values
              .map((value, place) => {
                if (step === undefined) return value === null ? '' : dot(middle(place), toY(value));
                const below = index === 0 ? 0 : (stacked[index - 1]?.[place] ?? 0);
                return bar(left + place * slot, toY(value ?? 0), slot, toY(below));
              })
              .join('')}
          />
        ))}
        {labels.map(([x, time], index) => {
          const text = span > 2 * DAY_MS ? dayText(new Date(time)) : clockText(new Date(time), span < 600_000);
          const before = labels[index - 1];
          if (before && span > 2 * DAY_MS && dayText(new Date(before[1])) === text) return null;
          const half = 3.4 * text.length;
          return (
            <text key={time} x={Math.min(Math.max(x, left + half), width - half)} y={HEIGHT - 4} text-anchor="middle">
              {text}
            </text>
          );
        })}
      </svg>
      <div role="status">
        {told && at !== null && (
          <div
            class="tip"
            style={{ left: `${Math.max(0, Math.min(middle(at) + 10, width - 210))}px`, top: `${TOP}px` }}
          >
            <strong>{told[0]}</strong>
            <br />
            {told[1]}
          </div>
        )}
      </div>
    </div>
  );
}

function stack(series: readonly Series[]): number[][] {
  const sums = series[0]?.values.map(() => 0) ?? [];
  return series.map(({ values }) =>
    values.map((value, index) => (sums[index] = (sums[index] as number) + (value ?? 0))),
  );
}

/** The round times among those of bars. */
const roundTimes = (times: readonly number[], step: number, slot: number): readonly number[] => {
  const range = { from: times[0] ?? 0, to: (times.at(-1) ?? 0) + step };
  return ticksOf(range, times.length * slot, (time) => offsetOf(time, zone.value), LABEL_ROOM);
};

const bar = (x: number, y: number, slot: number, bottom: number): string =>
  y >= bottom
    ? ''
    : `M${(x + slot * 0.1).toFixed(1)} ${bottom.toFixed(1)}V${y.toFixed(1)}h${(slot * 0.8).toFixed(1)}V${bottom.toFixed(1)}z`;

const dot = (x: number, y: number): string =>
  `M${(x - RADIUS).toFixed(1)} ${y.toFixed(1)}a${RADIUS} ${RADIUS} 0 1 0 ${2 * RADIUS} 0a${RADIUS} ${RADIUS} 0 1 0 ${-2 * RADIUS} 0z`;
