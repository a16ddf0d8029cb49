import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

/* The server sends back what it gets. */
const accepted: Socket[] = [];
const server = createServer({ allowHalfOpen: true }, (socket) => {
  accepted.push(socket.on('error', () => undefined));
  socket.pipe(socket);
});
let proxy: TcpProxy;

function client(): Socket {
  const { port, hostname } = new URL(proxy.url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  return socket.on('error', () => undefined);
}

async function ask(socket: Socket, words: string): Promise<unknown> {
  socket.write(words);
  return (await once(socket, 'data'))[0];
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

/** A round trip on an open connection: data sent before on another one would have arrived by now. */
async function goAround(): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await ask(socket, 'around');
  socket.destroy();
}

beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  proxy = await TcpProxy.to(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}/path`);
});

afterEach(async () => {
  await proxy.close();
  for (const socket of accepted.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('A TCP proxy', () => {
  it('forwards everything, to the last byte', async () => {
    const words = 'x'.repeat(1_000_000);
    const socket = client();
    socket.end(words);
    expect(await text(socket)).toBe(words);
  });

  it('has the URL of its target, with a port of its own', () => {
    expect(new URL(proxy.url)).toMatchObject({ protocol: 'tcp:', hostname: '127.0.0.1', pathname: '/path' });
    expect(proxy.url).not.toContain(`:${(server.address() as AddressInfo).port}/`);
  });

  it('breaks existing and new connections when it is cut, and accepts new ones when it is healed', async () => {
    const before = client();
    expect(await ask(before, 'one')).toBe('one');
    proxy.cut();
    await expect(once(before, 'data')).rejects.toThrow('ECONNRESET');
    await expect(once(client(), 'data')).rejects.toThrow('ECONNRESET');
    proxy.heal();
    expect(await ask(client(), 'two')).toBe('two');
  });

  it('closes the connection to the server when it is cut', async () => {
    await ask(client(), 'one');
    const told = closed(accepted[0]!);
    proxy.cut();
    await told;
    expect(accepted[0]?.destroyed).toBe(true);
  });

  it('holds back data while it is silent, and delivers it when it is healed', async () => {
    const before = client();
    expect(await ask(before, 'one')).toBe('one');
    proxy.silence();
    const heard: unknown[] = [];
    const later = client();
    const answers = [ask(before, 'two'), ask(later, 'three')].map((answer) =>
      answer.then((words) => heard.push(words)),
    );
    await once(later, 'connect');
    await goAround();
    expect(heard).toEqual([]);
    proxy.heal();
    await Promise.all(answers);
    expect(new Set(heard)).toEqual(new Set(['two', 'three']));
  });

  it('does not pass on the end of a connection while it is silent', async () => {
    const before = client();
    await ask(before, 'one');
    proxy.silence();
    before.resetAndDestroy();
    await closed(before);
    await goAround();
    expect(accepted[0]?.destroyed).toBe(false);
    const told = closed(accepted[0]!);
    proxy.heal();
    await told;
    expect(accepted[0]?.destroyed).toBe(true);
  });
});
