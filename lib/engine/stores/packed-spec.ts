import type { JobSpec } from '../job.js';

type OptionName = Exclude<
  keyof JobSpec,
  'id' | 'name' | 'task' | 'handler' | 'args' | 'kwargs' | 'trigger' | 'declaredBy'
>;

/** Those options of a job that it is likely to have in common with others. */
class CommonOptions implements Pick<JobSpec, OptionName> {
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

  constructor(options: Pick<JobSpec, OptionName>) {
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

  areOf(spec: JobSpec): boolean {
    return (
      spec.startOpen === this.startOpen &&
      spec.executor === this.executor &&
      spec.coalesce === this.coalesce &&
      spec.catchUpLimit === this.catchUpLimit &&
      spec.misfireGraceTime === this.misfireGraceTime &&
      spec.maxInstances === this.maxInstances &&
      spec.overlap === this.overlap &&
      spec.maxQueued === this.maxQueued &&
      spec.timeout === this.timeout &&
      spec.retry === this.retry &&
      spec.runOnStart === this.runOnStart
    );
  }
}

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

/** With its options copied, so that all members lie in one place: they are read at each run. */
class UnpackedSpec extends CommonOptions implements JobSpec {
  constructor(
    readonly id: string,
    readonly name: string,
    readonly task: string,
    readonly args: readonly unknown[],
    readonly kwargs: Readonly<Record<string, unknown>>,
    readonly trigger: JobSpec['trigger'],
    options: CommonOptions,
  ) {
    super(options);
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
    for (const options of this.known) if (options.areOf(spec)) return options;
    const options = new CommonOptions(spec);
    this.known[this.next++ % MOST_KNOWN] = options;
    return options;
  }
}
