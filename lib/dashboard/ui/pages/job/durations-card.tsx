import { useMemo } from 'preact/hooks';
import type { Run } from '../../../../client/index.js';
import { Card } from '../../components/basics.js';
import { Chart } from '../../components/chart.js';
import { GROUP_NAMES, groupOf, LABELS } from '../../components/outcomes.js';
import { duration } from '../../format.js';

/** How long the last runs took. */
export function DurationsCard({ runs }: { runs: readonly Run[] }) {
  const drawn = useMemo(() => {
    const ended = runs.filter((run) => run.started_at !== null && run.duration !== null).toReversed();
    const times = ended.map((run) => Date.parse(run.started_at as string) / 1000);
    const series = GROUP_NAMES.map((group) => ({
      label: LABELS[group],
      colour: group,
      values: ended.map((run) => (groupOf(run.state) === group ? run.duration : null)),
    }));
    return { times, series };
  }, [runs]);
  return (
    <Card title="Durations and outcomes">
      <Chart
        label={`Durations of the last ${drawn.times.length} runs, by outcome`}
        kind="points"
        format={duration}
        {...drawn}
      />
      <div class="legend">
        {GROUP_NAMES.map((group) => (
          <span key={group}>
            <i class={`is-${group}`} />
            {LABELS[group]}
          </span>
        ))}
      </div>
    </Card>
  );
}
