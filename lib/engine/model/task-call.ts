import type { RunContext, TaskFunction } from './task.js';

/** What the arguments of a job may be; undefined: not given, or not known to the compiler. */
export type GivenArgs = readonly unknown[] | undefined;
export type GivenKwargs = Readonly<Record<string, unknown>> | undefined;

/**
 * How a job with such arguments calls its task: a function that cannot be called so does not compile. Any call, where no arguments
 * are given, or where the compiler does not know them: an array of any length, for example.
 */
export type CallWith<Args, Kwargs> = [Args, Kwargs] extends [undefined, undefined]
  ? TaskFunction
  : [Args] extends [undefined]
    ? (...args: KwargsAndRun<Kwargs>) => unknown
    : [undefined] extends [Args]
      ? TaskFunction
      : Args extends readonly unknown[]
        ? number extends Args['length']
          ? TaskFunction
          : (...args: [...Items<Args>, ...KwargsAndRun<Kwargs>]) => unknown
        : TaskFunction;

/** What nothing needs to be in: kwargs of this type may have no members. */
type Nothing = Readonly<Record<string, never>>;

/** Kwargs without members are not passed: where there may be none, the rest of the call is not known. */
type KwargsAndRun<Kwargs> = [Kwargs] extends [undefined]
  ? [run: RunContext]
  : [undefined] extends [Kwargs]
    ? Parameters<TaskFunction>
    : Nothing extends Kwargs
      ? Parameters<TaskFunction>
      : [kwargs: Writable<Kwargs>, run: RunContext];

type Items<Args extends readonly unknown[]> = { -readonly [K in keyof Args]: Writable<Args[K]> };

/** Literals are inferred as readonly, and a task need not take them so: each run has its own copy. */
type Writable<T> = T extends TaskFunction ? T : T extends object ? T & { -readonly [K in keyof T]: Writable<T[K]> } : T;
