import { useMemo } from 'preact/hooks';
import type { Run } from '../../../../client/index.js';
import { Card } from '../../components/basics.js';
import { Chart } from '../../components/chart.js';
import { Legend } from '../../components/legend.js';
import { GROUP_NAMES, groupOf } from '../../components/outcomes.js';
import { duration, fullTime, plural, stateName } from '../../format.js';
import { href, navigate } from '../../router.js';

/** How long the last runs took. */
export function DurationsCard({ runs }: { runs: readonly Run[] }) {
  const ended = useMemo(
    () => runs.filter((run) => run.started_at !== null && run.duration !== null).toReversed(),
    [runs],
  );
  const groups = GROUP_NAMES.filter((group) => ended.some(({ state }) => groupOf(state) === group));
  const startOf = (run: Run | undefined): number => Date.parse(run?.started_at ?? '');
  return (
    <Card title="Durations and outcomes">
      {ended.length === 0 ? (
        <p class="quiet">No run has ended yet.</p>
      ) : (
        <>
          <Chart
            label={`Durations of the last ${plural(ended.length, 'run')}, by outcome`}
            unit="seconds"
            times={ended.map(startOf)}
            series={groups.map((group) => ({
              group,
              values: ended.map((run) => (groupOf(run.state) === group ? run.duration : null)),
            }))}
            describe={(index) => {
              const run = ended[index] as Run;
              return [fullTime(new Date(startOf(run))), `${stateName(run.state)} in ${duration(run.duration)}`];
            }}
            onOpen={(index) => navigate(href(['runs', (ended[index] as Run).id]))}
          />
          <Legend groups={groups} />
        </>
      )}
    </Card>
  );
}
