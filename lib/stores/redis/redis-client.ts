/** What is needed of an ioredis `Redis` or `Cluster`: either fits, and neither's types stand in ours. */
export interface RedisClient {
  readonly isCluster: boolean;
  connect(): Promise<unknown>;
  disconnect(): void;
  evalsha(sha: string, keyCount: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  eval(source: string, keyCount: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  info(section: string): Promise<string>;
  subscribe(channel: string): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** A client of the user's own, as a pattern for the connections that a store makes for itself. */
export interface RedisClientLike {
  readonly isCluster: boolean;
  /** Of a `Cluster`: how its nodes are connected to. */
  readonly options?: { readonly redisOptions?: object | undefined };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Redis and Cluster take different parameters
  duplicate(...overrides: any[]): unknown;
}
