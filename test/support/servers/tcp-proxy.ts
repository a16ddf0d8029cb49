import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/**
 * A proxy between a client and a server, with which a test can break the network between them: by a cut that both notice,
 * or by silence that neither notices.
 */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly waiting: (() => void)[] = [];
  private readonly server: Server = createServer({ allowHalfOpen: true }, (client) => this.join(client));
  private state: 'open' | 'cut' | 'silent' = 'open';

  private constructor(private readonly target: URL) {}

  /** @param url - the server's URL. */
  static async to(url: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(url));
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** The server's URL, with this proxy's port. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Breaks every connection, current and new. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.waiting.length = 0;
  }

  /** Holds back all data in both directions, and the end of connections, like a network without a route. */
  silence(): void {
    this.state = 'silent';
  }

  /** Works normally again, and delivers what was held back. */
  heal(): void {
    this.state = 'open';
    for (const pass of this.waiting.splice(0)) pass();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    this.keep(client);
    if (this.state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    this.whenOpen(() => {
      const port = Number(this.target.port);
      const upstream = this.keep(connect({ port, host: this.target.hostname, allowHalfOpen: true }));
      this.carry(client, upstream);
      this.carry(upstream, client);
    });
  }

  private carry(from: Socket, to: Socket): void {
    const gate = new Transform({ transform: (chunk, _, done) => this.whenOpen(() => done(null, chunk)) });
    from.pipe(gate).pipe(to);
    // A regular end has passed through the pipe already, after the last bytes.
    from.once('close', (broken) => {
      if (broken) this.whenOpen(() => to.resetAndDestroy());
    });
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    // 'close' follows, and closes the other side.
    socket.on('error', () => undefined);
    return socket.once('close', () => this.sockets.delete(socket));
  }

  private whenOpen(pass: () => void): void {
    if (this.state === 'silent') this.waiting.push(pass);
    else pass();
  }
}
