import type { JobSpec } from '../job.js';

type OptionName = Exclude<
  keyof JobSpec,
  'id' | 'name' | 'task' | 'handler' | 'args' | 'kwargs' | 'trigger' | 'declaredBy'
>;

/** Those options of a job that it is likely to have in common with others. */
type CommonOptions = Pick<JobSpec, OptionName>;

/** How many sets of options are known: jobs that come one after the other are of few kinds. */
const MOST_KNOWN = 8;

/** What a job is, in half the room: a million of them wait, and few are asked what they are. */
export class PackedSpec {
  constructor(
    readonly id: string,
    private readonly name: string,
    private readonly task: string,
    private readonly args: readonly unknown[],
    private readonly kwargs: Readonly<Record<string, unknown>>,
    private readonly trigger: JobSpec['trigger'],
    private readonly options: CommonOptions,
  ) {}

  unpack(): JobSpec {
    const { id, name, task, args, kwargs, trigger, options } = this;
    return new UnpackedSpec(id, name, task, args, kwargs, trigger, options);
  }
}

/** Member by member, so that all of them lie in one place: they are read at each run. */
class UnpackedSpec implements JobSpec {
  readonly startOpen: boolean;
  readonly executor: string;
  readonly coalesce: JobSpec['coalesce'];
  readonly catchUpLimit: number;
  readonly misfireGraceTime: number | null;
  readonly maxInstances: number;
  readonly overlap: JobSpec['overlap'];
  readonly maxQueued: number;
  readonly timeout: number | null;
  readonly retry: JobSpec['retry'];
  readonly runOnStart: boolean;

  constructor(
    readonly id: string,
    readonly name: string,
    readonly task: string,
    readonly args: readonly unknown[],
    readonly kwargs: Readonly<Record<string, unknown>>,
    readonly trigger: JobSpec['trigger'],
    options: CommonOptions,
  ) {
    this.startOpen = options.startOpen;
    this.executor = options.executor;
    this.coalesce = options.coalesce;
    this.catchUpLimit = options.catchUpLimit;
    this.misfireGraceTime = options.misfireGraceTime;
    this.maxInstances = options.maxInstances;
    this.overlap = options.overlap;
    this.maxQueued = options.maxQueued;
    this.timeout = options.timeout;
    this.retry = options.retry;
    this.runOnStart = options.runOnStart;
  }
}

/** Packs what a job is; one that has what hardly any has, a function of its own or a declaration, stays as it is. */
export function pack(spec: JobSpec, known: KnownOptions): PackedSpec | JobSpec {
  if (spec.handler || spec.declaredBy) return spec;
  const { id, name, task, args, kwargs, trigger } = spec;
  return new PackedSpec(id, name, task, args, kwargs, trigger, known.of(spec));
}

/** Sets of options that jobs have had lately, each kept once. */
export class KnownOptions {
  private readonly known: CommonOptions[] = [];
  private next = 0;

  of(spec: JobSpec): CommonOptions {
    for (const options of this.known) if (isOf(spec, options)) return options;
    const { startOpen, executor, coalesce, catchUpLimit, misfireGraceTime, maxInstances } = spec;
    const { overlap, maxQueued, timeout, retry, runOnStart } = spec;
    const options: CommonOptions = {
      ...{ startOpen, executor, coalesce, catchUpLimit, misfireGraceTime, maxInstances },
      ...{ overlap, maxQueued, timeout, retry, runOnStart },
    };
    this.known[this.next++ % MOST_KNOWN] = options;
    return options;
  }
}

function isOf(spec: JobSpec, options: CommonOptions): boolean {
  return (
    spec.startOpen === options.startOpen &&
    spec.executor === options.executor &&
    spec.coalesce === options.coalesce &&
    spec.catchUpLimit === options.catchUpLimit &&
    spec.misfireGraceTime === options.misfireGraceTime &&
    spec.maxInstances === options.maxInstances &&
    spec.overlap === options.overlap &&
    spec.maxQueued === options.maxQueued &&
    spec.timeout === options.timeout &&
    spec.retry === options.retry &&
    spec.runOnStart === options.runOnStart
  );
}
