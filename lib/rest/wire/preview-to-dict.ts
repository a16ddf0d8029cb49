import type { TriggerPreview } from '../../engine/jobs/preview.js';

/** What a trigger means and when it fires, as the wire shows it. */
export function previewToDict({ description, timezone, times }: TriggerPreview): Record<string, unknown> {
  return { description, timezone, next_run_times: times.map(({ iso }) => iso) };
}
