import { describe, expect, it } from 'vitest';
import { sameTrigger } from '../../../../lib/engine/triggers/same-trigger.js';
import type { Trigger, TriggerJson } from '../../../../lib/engine/triggers/trigger.js';
import { triggerFromJson } from '../../../../lib/engine/triggers/trigger-factory.js';

const anchored = (given: Trigger, now: number): Trigger => given.anchor?.({ now, timezone: 'UTC' }) ?? given;

/** Whether the same JSON, declared at two moments, is the same trigger. */
function isSameLater(json: TriggerJson): boolean {
  const given = triggerFromJson(json);
  return sameTrigger(anchored(given, Date.UTC(2030, 0, 1)), anchored(given, Date.UTC(2030, 0, 5)), given);
}

const open = { type: 'interval', minutes: 5 };
const said = { type: 'interval', minutes: 5, startDate: '2030-01-01' };

describe('sameTrigger', () => {
  it.each<TriggerJson>([
    open,
    said,
    { type: 'date' },
    { type: 'calendarinterval', days: 2 },
    { type: 'cron', hour: 5 },
    { type: 'or', triggers: [open, said, { type: 'calendarinterval', days: 2 }] },
    { type: 'or', triggers: [{ type: 'except', base: open, except: ['2030-12-25', { type: 'date' }] }] },
  ])('knows %j again, whenever it is anchored', (json) => {
    expect(isSameLater(json)).toBe(true);
  });

  it('tells triggers apart by what was said', () => {
    const [a, b] = [said, { ...said, startDate: '2030-01-02' }].map(triggerFromJson) as [Trigger, Trigger];
    expect(sameTrigger(a, b, b)).toBe(false);
    const [c, d] = [a, b].map((trigger) => triggerFromJson({ type: 'or', triggers: [open, trigger.toJSON()] }));
    expect(sameTrigger(anchored(c as Trigger, 0), anchored(d as Trigger, 0), d)).toBe(false);
    const other = triggerFromJson({ type: 'or', triggers: [{ ...open, minutes: 6 }] });
    expect(sameTrigger(triggerFromJson({ type: 'or', triggers: [open] }), other, other)).toBe(false);
  });

  it('knows a trigger that came from nowhere by itself', () => {
    const trigger = triggerFromJson({ type: 'cron', hour: 5 });
    expect(sameTrigger(trigger, trigger, undefined)).toBe(true);
  });
});
