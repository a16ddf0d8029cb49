import type { InjectionToken, OptionalFactoryDependency } from '@nestjs/common';

/** What a factory of options may inject: as a `useFactory` of Nest. */
export type InjectedToken = InjectionToken | OptionalFactoryDependency;

/** What is injected for tokens: instances for classes. Of strings and symbols only the factory's own signature knows it. */
export type Injected<Tokens extends readonly InjectedToken[]> = {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the factory may annotate it as it likes; `unknown` accepts no annotation
  -readonly [K in keyof Tokens]: Tokens[K] extends abstract new (...args: never) => infer Instance ? Instance : any;
};

/** Makes options of what is injected, when the application starts. */
export type OptionsFactory<Tokens extends readonly InjectedToken[], Options> = (
  ...dependencies: Injected<Tokens>
) => Options | Promise<Options>;

/** What a factory injects, in the order of its parameters. */
export interface InjectOptions<Tokens extends readonly InjectedToken[] = readonly InjectedToken[]> {
  inject: Tokens;
}

type KeysOf<T> = T extends unknown ? keyof T : never;

/**
 * Does not compile when a factory returns options that are not known: TypeScript checks that of an object literal, but not of one
 * that a function returns.
 */
export type OnlyKnown<Options, Known> = [Exclude<KeysOf<Options>, KeysOf<Known>>] extends [never]
  ? unknown
  : { unknownOptions: Exclude<KeysOf<Options>, KeysOf<Known>> };

/** A member of the options that a factory returns; undefined where they do not have it. */
export type MemberOf<Options, Name extends string> = Options extends unknown
  ? Name extends keyof Options
    ? Options[Name]
    : undefined
  : never;
