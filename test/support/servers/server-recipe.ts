/** The kinds of server that tests know how to run. */
export type ServerKind = 'postgres' | 'mariadb' | 'redis';

/** What is known of a kind of server before one runs. */
export interface ServerRecipe {
  readonly kind: ServerKind;
  /** As people call it. */
  readonly title: string;
  /** The environment variable whose URL is used instead of a server of our own. */
  readonly urlVariable: string;
  /** What to install on Debian. */
  readonly debianPackage: string;
  /** The server's executable; undefined where it is not installed. */
  findProgram(): string | undefined;
  /** Makes an empty data folder's content, once. */
  prepare?(site: ServerSite): Promise<void>;
  /** The command line. Whatever has been committed must outlive a SIGKILL, with or without fsync. */
  args(site: ServerSite): readonly string[];
  /** What the server writes when it can be connected to. */
  readonly ready: RegExp;
  /** What asks it to end in good order, without waiting for its clients. */
  readonly stopSignal: NodeJS.Signals;
  url(port: number): string;
  /** Makes room of its own for a test file on a server that others use too. */
  makeRoom(url: string): Promise<Room>;
}

/** Where a server of our own lives. */
export interface ServerSite {
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  /** Whether commits reach the disk: needed to measure, not to test. */
  readonly fsync: boolean;
  /** Runs a helper program to its end, as the user that the server runs as. */
  readonly run: (program: string, args: readonly string[]) => Promise<void>;
}

/** An empty database, or on Redis a key prefix, that nobody else uses. */
export interface Room {
  readonly url: string;
  /** Starts every key on Redis; empty where the database itself is the room. */
  readonly keyPrefix: string;
  drop(): Promise<void>;
}
