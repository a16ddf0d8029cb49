import type { TriggerPreview } from '../../engine/jobs/preview.js';

/** A preview as the wire shows it. */
export function previewToDict({ description, timezone, times }: TriggerPreview): Record<string, unknown> {
  return { description, timezone, next_run_times: times.map(({ iso }) => iso) };
}
