import { readStoredInstant, type StoredNode } from '../../engine/stores/stored-node.js';
import type { Backend } from './backend.js';
import { SHOW_NODES } from './scripts/node-list-scripts.js';

type Shown = [instance: string, expiry: string, node: string, description: string, runs: number];
type ShownNodes = [now: string, found: Shown[], left: string[]];

/** Lists the nodes that have a lease. */
export class NodeList {
  constructor(private readonly backend: Backend) {}

  async read(): Promise<readonly StoredNode[]> {
    const nodes: StoredNode[] = [];
    let left: readonly string[] = [];
    do {
      const shown: ShownNodes = await this.backend.run<ShownNodes>(SHOW_NODES, ...left);
      const [now, found] = shown;
      left = shown[2];
      for (const node of found) nodes.push(nodeOf(node, Number(now)));
    } while (left.length > 0);
    return nodes;
  }
}

/** What is damaged may be any text. */
function nodeOf([instance, expiry, node, described, activeRuns]: Shown, now: number): StoredNode {
  const expiresAt = readStoredInstant(expiry);
  const [, leaseMs, name = ''] = /^\S+ (\d{1,15}) (.*)$/s.exec(node) ?? [];
  const [, since, skewMs, description = null] = /^(-?\d+) (-?\d+) (.*)$/s.exec(described) ?? [];
  return {
    instance,
    name,
    since: readStoredInstant(since),
    seenAt: expiresAt === null ? null : readStoredInstant(expiresAt - Number(leaseMs)),
    expiresAt,
    expired: Number(expiry.replace('inf', 'Infinity')) <= now,
    clockSkewMs: readStoredInstant(skewMs),
    activeRuns,
    description,
  };
}
