import { useMemo, useState } from 'preact/hooks';
import type { GetStatsResponse } from '../../../../client/index.js';
import { now } from '../../clock.js';
import { Card, Shown } from '../../components/basics.js';
import { Chart } from '../../components/chart.js';
import { type Group, LABELS, sumOf } from '../../components/outcomes.js';
import type { Loaded } from '../../load.js';

const BARS: readonly Group[] = ['succeeded', 'failed', 'missed'];

/** How runs ended, minute by minute or hour by hour. */
export function OutcomesCard({ stats }: { stats: Loaded<GetStatsResponse> }) {
  const [unit, setUnit] = useState<'minutes' | 'hours'>('minutes');
  const step = unit === 'minutes' ? 60 : 3600;
  const data = stats.data;
  const minute = Math.floor(now.value / 1000 / step);
  const drawn = useMemo(() => {
    const length = unit === 'minutes' ? 60 : 168;
    const times = Array.from({ length }, (_, index) => (minute - length + 1 + index) * step);
    const found = new Map(data?.[unit].map(({ start, outcomes }) => [Date.parse(start) / 1000, outcomes]));
    const series = BARS.map((group) => ({
      label: LABELS[group],
      colour: group,
      values: times.map((time) => sumOf(found.get(time) ?? {}, group)),
    }));
    return { times, series };
  }, [data, unit, minute]);
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
              label={`How many runs ended, by outcome, in each of the last ${drawn.times.length} ${unit}`}
              kind="bars"
              {...drawn}
            />
            <div class="legend">
              {BARS.map((group) => (
                <span key={group}>
                  <i class={`is-${group}`} />
                  {LABELS[group]}
                </span>
              ))}
            </div>
          </>
        )}
      </Shown>
    </Card>
  );
}
