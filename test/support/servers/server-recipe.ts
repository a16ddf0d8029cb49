/** The kinds of server that tests can run. */
export type ServerKind = 'postgres' | 'mariadb' | 'redis';

/** How to run a kind of server. */
export interface ServerRecipe {
  readonly kind: ServerKind | 'pgbouncer';
  /** Its name, for messages. */
  readonly title: string;
  /** The environment variable with the URL of a server to use instead of starting one. */
  readonly urlVariable: string;
  /** The Debian package to install. */
  readonly debianPackage: string;
  /** The server's executable; undefined if it is not installed. */
  findProgram(): string | undefined;
  /** Initializes an empty data folder, once. */
  prepare?(site: ServerSite): Promise<void>;
  /** The command line. Commits must survive a SIGKILL, with or without fsync. */
  args(site: ServerSite): readonly string[];
  /** The output that says that the server accepts connections. */
  readonly ready: RegExp;
  /** The signal for a clean shutdown that does not wait for clients. */
  readonly stopSignal: NodeJS.Signals;
  url(port: number): string;
  /** Creates an isolated room for a test file on a shared server. */
  makeRoom(url: string): Promise<Room>;
}

/** The folder and port of a server that the tests start. */
export interface ServerSite {
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  /** Whether commits reach the disk: needed for benchmarks, not for tests. */
  readonly fsync: boolean;
  /** Runs a helper program to its end, as the server's user. */
  readonly run: (program: string, args: readonly string[]) => Promise<void>;
}

/** An empty database, or a key prefix on Redis, for one test file. */
export interface Room {
  readonly url: string;
  /** The prefix of every key on Redis; empty for databases. */
  readonly keyPrefix: string;
  drop(): Promise<void>;
}
