import { setTimeout as delay } from 'node:timers/promises';
import type { Keeper } from '../support/servers/keeper.js';
import { TcpProxy } from '../support/servers/tcp-proxy.js';
import type { Trouble } from './evidence.js';
import type { QueueSite } from './messages.js';
import { NodeProcess } from './node-process.js';
import type { Mishap, WorkerMishap } from './plan.js';
import type { Site } from './site.js';

/** How often starting a node is tried while its store is unavailable. */
const STARTS = 60;
const START_PAUSE_MS = 500;
/** How often to check whether a lock is still held. */
const LOCK_PAUSE_MS = 100;

/** A node: successive processes that use the same connection to the store. */
interface Member {
  readonly node: string;
  readonly way: TcpProxy | null;
  skewMs: number;
  /** The number of its processes so far. */
  count: number;
  process: NodeProcess | null;
}

export interface ClusterParts {
  readonly site: Site;
  /** Where runs are handed over to; null where nodes carry them out. */
  readonly queue: QueueSite | null;
  /** The program that nodes run. */
  readonly program: string;
  readonly folder: string;
  readonly keeper: Keeper;
  /** Receives progress messages. */
  readonly say: (line: string) => void;
}

/** Nodes on one store, and the faults that can be injected. */
export class Cluster {
  /** What has happened to processes so far. */
  readonly troubles: Trouble[] = [];
  /** Processes that ended by themselves. */
  readonly failures: string[] = [];
  private readonly members: Member[] = [];
  private ending = false;

  constructor(private readonly parts: ClusterParts) {}

  /** @param skews - the skews of the nodes' clocks, one per node. */
  async start(skews: readonly number[]): Promise<void> {
    const { site } = this.parts;
    for (const [index, skewMs] of skews.entries()) {
      const way = site.server && (await TcpProxy.to(site.server.url));
      this.members.push({ node: `n${index + 1}`, way, skewMs, count: 0, process: null });
    }
    await Promise.all(this.members.map((member) => this.startNode(member)));
  }

  /** Any node that is running. */
  get anyone(): NodeProcess {
    const [first] = this.processes;
    if (!first) throw new Error('No node is running');
    return first;
  }

  /** The number of jobs. Asks several nodes: the first one may not have reconnected yet. */
  async countJobs(): Promise<number> {
    let failure: unknown;
    for (const process of this.processes) {
      try {
        const { jobs = 0 } = await process.ask({ ask: 'count' });
        return jobs;
      } catch (error) {
        failure = error;
      }
    }
    this.parts.say(`No node could say how many jobs are left: ${String(failure)}`);
    return Infinity;
  }

  /** Injects a fault. Resolves when it is over. */
  async befall(mishap: Exclude<Mishap, WorkerMishap>): Promise<void> {
    switch (mishap.kind) {
      case 'kill':
        return this.kill(this.member(mishap.node), mishap.forMs);
      case 'stop':
        return this.stop(this.member(mishap.node), mishap.forMs);
      case 'cut':
      case 'silence':
        return this.disconnect(mishap.kind, this.member(mishap.node), mishap.forMs);
      case 'jump':
        return this.setSkew(this.member(mishap.node), mishap.skewMs);
      case 'restart':
      case 'crash':
        return this.restart(mishap.kind);
    }
  }

  /** Shuts all nodes down cleanly. */
  async stopAll(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
  }

  /** Ends all remaining processes. */
  async remove(): Promise<void> {
    this.ending = true;
    await Promise.all(this.processes.map((process) => process.kill()));
    await Promise.all(this.members.flatMap(({ way }) => way?.close() ?? []));
  }

  private get processes(): readonly NodeProcess[] {
    return this.members.flatMap(({ process }) => process ?? []);
  }

  private member(index: number): Member {
    return this.members[index] as Member;
  }

  /** Starts it again if its store is unavailable, as a process manager does. */
  private async startNode(member: Member): Promise<void> {
    const { site, queue, program, folder, keeper, say } = this.parts;
    for (let tries = 1; !this.ending; tries++) {
      const name = `${member.node}.${++member.count}`;
      const settings = {
        node: member.node,
        process: name,
        store: site.store(member.way),
        queue,
        folder,
        skewMs: member.skewMs,
      };
      let isUp = false;
      const process = new NodeProcess(program, settings, keeper, (message) => {
        if (isUp) this.failures.push(message);
      });
      member.process = process;
      try {
        await process.started();
        isUp = true;
        return;
      } catch (error) {
        if (tries === STARTS) throw error;
        say(`${name} could not start, and is started again`);
      }
      await delay(START_PAUSE_MS);
    }
  }

  private async kill(member: Member, forMs: number): Promise<void> {
    const { process } = member;
    if (!process) return;
    this.parts.say(`SIGKILL to ${process.name}`);
    member.process = null;
    const at = await process.kill();
    this.troubles.push({ kind: 'kill', process: process.name, from: at, to: at });
    await delay(forMs);
    await this.startNode(member);
    this.parts.say(`${member.node} is there again`);
  }

  private async stop({ process }: Member, forMs: number): Promise<void> {
    if (!process) return;
    this.parts.say(`SIGSTOP to ${process.name} for ${inSeconds(forMs)}`);
    const from = Date.now();
    process.signal('SIGSTOP');
    const isLocked = await this.staysLocked(forMs);
    await delay(from + forMs - Date.now());
    process.signal('SIGCONT');
    this.troubles.push({ kind: 'stop', process: process.name, from, to: Date.now() });
    if (isLocked) this.troubles.push({ kind: 'outage', process: null, from, to: Date.now() });
    this.parts.say(`SIGCONT to ${process.name}`);
  }

  /** Whether a stopped process holds SQLite's lock: then no other process can use the store. */
  private async staysLocked(forMs: number): Promise<boolean> {
    const { site, say } = this.parts;
    const until = Date.now() + forMs / 2;
    while (site.isLocked()) {
      if (Date.now() > until) {
        say('It was stopped during a transaction, and keeps the file locked');
        return true;
      }
      await delay(LOCK_PAUSE_MS);
    }
    return false;
  }

  private async disconnect(kind: 'cut' | 'silence', { process, way }: Member, forMs: number): Promise<void> {
    if (!process || !way) return;
    const what = kind === 'cut' ? 'is cut' : 'falls silent';
    this.parts.say(`The network to ${process.name} ${what} for ${inSeconds(forMs)}`);
    const from = Date.now();
    way[kind]();
    await delay(forMs);
    way.heal();
    this.troubles.push({ kind, process: process.name, from, to: Date.now() });
    this.parts.say(`The network to ${process.name} is there again`);
  }

  private setSkew(member: Member, skewMs: number): Promise<void> {
    this.parts.say(`The clock of ${member.node} is ${inSeconds(skewMs)} ahead now`);
    member.skewMs = skewMs;
    member.process?.send({ ask: 'skew', skewMs });
    return Promise.resolve();
  }

  private async restart(kind: 'restart' | 'crash'): Promise<void> {
    const { server } = this.parts.site;
    if (!server) return;
    const from = Date.now();
    await (kind === 'crash' ? server.kill() : server.stop());
    await server.start();
    const to = Date.now();
    this.troubles.push({ kind: 'outage', process: null, from, to });
    this.parts.say(
      `The server was ${kind === 'crash' ? 'killed' : 'stopped'}, and is there again after ${inSeconds(to - from)}`,
    );
  }
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
