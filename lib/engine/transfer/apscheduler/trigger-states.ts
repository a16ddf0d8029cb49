import type { Fault } from '../../errors.js';
import { isPlainObject } from '../../util/is-plain-object.js';
import { show } from '../../util/inspect.js';
import { SECOND_MS } from '../../time/civil.js';
import type { TriggerJson } from '../../triggers/trigger.js';
import { readCronFields } from './cron-fields.js';
import { nameOf, PythonFault, readDay, readDuration, readInstant, readPython, readZone } from './python-values.js';

type State = Readonly<Record<string, unknown>>;

/** How the state of each trigger class (Python: `__getstate__`) is read, and up to which version. */
const READERS: Readonly<
  Record<string, { readonly version: number; readonly read: (state: StateReader) => TriggerJson }>
> = {
  'apscheduler.triggers.date:DateTrigger': {
    version: 1,
    read: (state) => ({ type: 'date', ...state.instant('run_date', 'runDate') }),
  },
  'apscheduler.triggers.interval:IntervalTrigger': {
    version: 2,
    read: (state) => ({
      type: 'interval',
      seconds: (state.value('interval', readDuration) ?? 0) / SECOND_MS,
      ...state.window(),
    }),
  },
  'apscheduler.triggers.cron:CronTrigger': {
    version: 2,
    read: (state) => ({ type: 'cron', ...state.value('fields', readCronFields), ...state.window() }),
  },
  'apscheduler.triggers.calendarinterval:CalendarIntervalTrigger': {
    version: 1,
    read: (state) => ({ type: 'calendarinterval', ...state.calendar() }),
  },
  'apscheduler.triggers.combining:AndTrigger': { version: 1, read: (state) => ({ type: 'and', ...state.members() }) },
  'apscheduler.triggers.combining:OrTrigger': { version: 1, read: (state) => ({ type: 'or', ...state.members() }) },
};

const MAX_DEPTH = 16;

/**
 * Converts a trigger of an export to plain JSON.
 *
 * @param faults - receives what is not supported.
 */
export function readTrigger(given: unknown, field: string, faults: Fault[]): TriggerJson | undefined {
  const isMarked = isPlainObject(given) && '__apscheduler_class__' in given;
  if (isMarked) return readState(given['__apscheduler_class__'], given['__apscheduler_state__'], field, faults, 0);
  faults.push({ field, problem: `must be one of APScheduler's own triggers, got ${describe(given)}` });
  return undefined;
}

function readState(
  ref: unknown,
  state: unknown,
  field: string,
  faults: Fault[],
  depth: number,
): TriggerJson | undefined {
  const fail = (problem: string): undefined => void faults.push({ field, problem });
  const reader = typeof ref === 'string' && Object.hasOwn(READERS, ref) ? READERS[ref] : undefined;
  if (!reader) return fail(`is of a class that is unknown here: ${show(ref)}`);
  if (!isPlainObject(state)) return fail(`must have a state, got ${show(state)}`);
  if (depth > MAX_DEPTH) return fail(`is nested more than ${MAX_DEPTH} levels deep`);
  const { version } = state;
  if (typeof version !== 'number' || version > reader.version) {
    return fail(`has version ${show(version)}; known are those up to ${reader.version}`);
  }
  return reader.read(new StateReader(state, field, faults, depth));
}

function describe(given: unknown): string {
  try {
    return nameOf(readPython(given));
  } catch (error) {
    return (error as Error).message;
  }
}

/** Reads the members of a trigger's state, and collects their faults. */
class StateReader {
  constructor(
    private readonly state: State,
    private readonly field: string,
    private readonly faults: Fault[],
    private readonly depth: number,
  ) {}

  /** @returns undefined if the member is null, or cannot be read */
  value<T>(name: string, read: (value: unknown) => T): T | undefined {
    const given = this.state[name];
    if (given === null || given === undefined) return undefined;
    try {
      return read(given);
    } catch (error) {
      if (!(error instanceof PythonFault)) throw error;
      this.faults.push({ field: `${this.field}.${name}`, problem: error.message });
      return undefined;
    }
  }

  /** A date and its zone, as options of a trigger. */
  instant(name: string, option: string): Record<string, unknown> {
    const read = this.value(name, readInstant);
    if (!read) return {};
    return { [option]: read.epochMs, ...(read.timezone !== null && { timezone: read.timezone }) };
  }

  /** The options that all repeating triggers have. */
  window(): Record<string, unknown> {
    const [startDate, endDate] = [this.value('start_date', readInstant), this.value('end_date', readInstant)];
    return {
      ...(startDate && { startDate: startDate.epochMs }),
      ...(endDate && { endDate: endDate.epochMs }),
      ...this.zone(),
      ...this.jitter(),
    };
  }

  calendar(): Record<string, unknown> {
    const [years, months, weeks, days] = this.value('interval', readNumbers) ?? [];
    const [hour, minute, second] = this.value('time', readNumbers) ?? [];
    const [startDate, endDate] = [this.value('start_date', readDay), this.value('end_date', readDay)];
    const given = Object.entries({ years, months, weeks, days, hour, minute, second, startDate, endDate });
    return { ...Object.fromEntries(given.filter(([, value]) => value)), ...this.zone(), ...this.jitter() };
  }

  /** The inner triggers of a combining trigger. */
  members(): Record<string, unknown> {
    const { triggers } = this.state;
    if (!Array.isArray(triggers)) {
      this.faults.push({ field: `${this.field}.triggers`, problem: `must be an array, got ${show(triggers)}` });
      return {};
    }
    const read = triggers.map((member: unknown, index) => {
      const [ref, state] = Array.isArray(member) ? (member as unknown[]) : [member];
      return readState(ref, state, `${this.field}.triggers[${index}]`, this.faults, this.depth + 1);
    });
    return { triggers: read, ...this.jitter() };
  }

  private zone(): Record<string, unknown> {
    const timezone = this.value('timezone', readZone);
    return timezone === undefined ? {} : { timezone };
  }

  private jitter(): Record<string, unknown> {
    const { jitter } = this.state;
    return jitter === null || jitter === undefined || jitter === 0 ? {} : { jitter };
  }
}

function readNumbers(value: unknown): readonly number[] {
  if (!Array.isArray(value) || !value.every((part) => typeof part === 'number')) {
    throw new PythonFault(`must be numbers, got ${show(value)}`);
  }
  return value;
}
