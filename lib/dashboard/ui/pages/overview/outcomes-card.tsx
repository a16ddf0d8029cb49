import { computed } from '@preact/signals';
import { useMemo, useState } from 'preact/hooks';
import type { GetStatsResponse } from '../../../../client/index.js';
import { now } from '../../clock.js';
import { Card, Shown } from '../../components/basics.js';
import { Chart } from '../../components/chart.js';
import { Legend } from '../../components/legend.js';
import { type Group, LABELS, sumOf } from '../../components/outcomes.js';
import { clockText, count, dayText } from '../../format.js';
import type { Loaded } from '../../load.js';

const BARS: readonly Group[] = ['succeeded', 'failed', 'missed'];

/** How runs ended, minute by minute or hour by hour. */
export function OutcomesCard({ stats }: { stats: Loaded<GetStatsResponse> }) {
  const [unit, setUnit] = useState<'minutes' | 'hours'>('minutes');
  const step = unit === 'minutes' ? 60_000 : 3_600_000;
  const data = stats.data;
  // Drawn again when another one begins, not each second.
  const latest = useMemo(() => computed(() => Math.floor(now.value / step) * step), [step]).value;
  const { times, series } = useMemo(() => {
    const length = unit === 'minutes' ? 60 : 168;
    const starts = Array.from({ length }, (_, index) => latest - (length - 1 - index) * step);
    const found = new Map(data?.[unit].map(({ start, outcomes }) => [Date.parse(start), outcomes]));
    return {
      times: starts,
      series: BARS.map((group) => ({ group, values: starts.map((time) => sumOf(found.get(time) ?? {}, group)) })),
    };
  }, [data, unit, latest]);
  const describe = (index: number): readonly [string, string] => {
    const from = new Date(times[index] as number);
    const to = new Date(from.getTime() + step);
    const ended = series.flatMap(({ group, values }) => {
      const value = values[index] as number;
      return value === 0 ? [] : [`${LABELS[group]}: ${count(value)}`];
    });
    return [
      `${unit === 'hours' ? `${dayText(from)}, ` : ''}${clockText(from, false)} – ${clockText(to, false)}`,
      ended.join(' · ') || 'No runs',
    ];
  };
  return (
    <Card
      title={unit === 'minutes' ? 'Runs per minute' : 'Runs per hour'}
      aside={
        <div class="segments" role="group" aria-label="Unit">
          <button aria-pressed={unit === 'minutes'} onClick={() => setUnit('minutes')}>
            Last hour
          </button>
          <button aria-pressed={unit === 'hours'} onClick={() => setUnit('hours')}>
            Last week
          </button>
        </div>
      }
    >
      <Shown of={stats}>
        {() => (
          <>
            <Chart
              label={`How many runs ended, by outcome, in each of the last ${times.length} ${unit}`}
              unit="count"
              step={step}
              times={times}
              series={series}
              describe={describe}
            />
            <Legend groups={BARS} />
          </>
        )}
      </Shown>
    </Card>
  );
}
