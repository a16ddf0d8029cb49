import type { AuthorizationData } from '../../module/scheduler-options.js';

/**
 * Who a request says it comes from (Flask-APScheduler: `Authorization`).
 *
 * @example
 * new Authorization('basic', { username: 'ada', password: 'l0velace' }).get('username'); // 'ada'
 */
export class Authorization implements AuthorizationData {
  /** The scheme, in lower case. */
  readonly type: string;
  // Private in fact, not only to the compiler: a logged authorization must not show a password.
  readonly #values: ReadonlyMap<string, string>;

  constructor(type: string, values: Readonly<Record<string, string>> = {}) {
    this.type = type.toLowerCase();
    this.#values = new Map(Object.entries(values));
  }

  /** Empty when the scheme has none. */
  get username(): string {
    return this.get('username') ?? '';
  }

  /** Empty when the scheme has none. */
  get password(): string {
    return this.get('password') ?? '';
  }

  /** What it was made with under a name. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }
}
