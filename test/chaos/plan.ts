import { seededRandom, type Random } from './seeded-random.js';

/** A fault injected into a node or the server. Times are milliseconds since the first scheduled time. */
export type Mishap =
  /** SIGKILL; the node is started again after a while. */
  | { readonly kind: 'kill'; readonly at: number; readonly node: number; readonly forMs: number }
  /** SIGSTOP for longer than the lease, then SIGCONT. */
  | { readonly kind: 'stop'; readonly at: number; readonly node: number; readonly forMs: number }
  /** The network to one node breaks (`cut`) or falls silent (`silence`) for longer than the lease. */
  | { readonly kind: 'cut' | 'silence'; readonly at: number; readonly node: number; readonly forMs: number }
  /** The clock of one node is set to another skew. */
  | { readonly kind: 'jump'; readonly at: number; readonly node: number; readonly skewMs: number }
  /** The server is shut down cleanly, or killed, and started again at once. */
  | { readonly kind: 'restart' | 'crash'; readonly at: number }
  | WorkerMishap;

/** A fault injected into a queue, or what works for it. */
export type WorkerMishap =
  /** SIGKILL; the worker is started again after a while. */
  | { readonly kind: 'killWorker'; readonly at: number; readonly worker: number; readonly forMs: number }
  /** The queue's server is shut down cleanly, and started again at once. */
  | { readonly kind: 'restartQueue'; readonly at: number };

export const isOfWorkers = (mishap: Mishap): mishap is WorkerMishap =>
  mishap.kind === 'killWorker' || mishap.kind === 'restartQueue';

export type MishapKind = Mishap['kind'];
type NodeMishap = Extract<Mishap, { readonly node: number; readonly forMs: number }>;

export interface PlanOptions {
  readonly seed: number;
  readonly nodes: number;
  /** How many workers a queue has. @default 0 */
  readonly workers?: number;
  readonly windowMs: number;
  readonly leaseMs: number;
  /** How many of each kind. */
  readonly mishaps: Readonly<Partial<Record<MishapKind, number>>>;
}

/** The largest error of a clock. */
export const SKEW_MS = 5 * 60_000;
/** Pauses after the mishaps of a node, and between those of the server. */
const REST_MS = 1_000;
const SERVER_REST_MS = 10_000;
const TRIES = 1_000;

/**
 * Draws a plan, deterministically for a seed. At any time at least one node is unharmed, and mishaps are spread evenly over
 * the nodes.
 *
 * @throws Error if the mishaps do not fit into the time.
 */
export function makePlan({ seed, nodes, workers = 0, windowMs, leaseMs, mishaps }: PlanOptions): readonly Mishap[] {
  for (let round = 0; round < TRIES; round++) {
    const random = seededRandom(seed + round * 7919);
    const plan = [
      ...drawNodeMishaps(random, { nodes, windowMs, leaseMs, mishaps }),
      ...drawServerMishaps(random, windowMs, mishaps),
      ...drawJumps(random, nodes, windowMs, mishaps.jump ?? 0),
      ...drawWorkerMishaps(random, workers, windowMs, mishaps),
    ];
    if (plan.length === Object.values(mishaps).reduce((sum, count) => sum + count, 0)) {
      return plan.sort((a, b) => a.at - b.at);
    }
  }
  throw new Error(`The mishaps do not fit into ${windowMs / 1000} s with ${nodes} nodes: use more time or more nodes`);
}

/** The initial skew of each node: none, the maximum ahead, the maximum behind, then random. */
export function startSkews(seed: number, nodes: number): readonly number[] {
  const random = seededRandom(seed + 1);
  return Array.from({ length: nodes }, (_, node) => [0, SKEW_MS, -SKEW_MS][node] ?? drawSkew(random));
}

const drawSkew = (random: Random): number => Math.round((random() * 2 - 1) * SKEW_MS);

function drawNodeMishaps(random: Random, options: Omit<PlanOptions, 'seed'>): readonly NodeMishap[] {
  const { nodes, windowMs, leaseMs, mishaps } = options;
  const kinds = (['kill', 'stop', 'silence', 'cut'] as const).flatMap((kind) =>
    Array.from({ length: mishaps[kind] ?? 0 }, () => kind),
  );
  const placed: NodeMishap[] = [];
  for (const kind of kinds) {
    const forMs = kind === 'kill' ? 2000 + random() * 3000 : leaseMs + 3000 + random() * 2000;
    const latest = Math.max(1500, windowMs - forMs);
    for (let tries = 0; tries < 50; tries++) {
      const at = 500 + random() * (latest - 500);
      const node = leastHit(random, placed, nodes);
      const mishap = { kind, at: Math.round(at), node, forMs: Math.round(forMs) };
      const others = placed.filter((other) => overlap(other, mishap));
      if (others.some((other) => other.node === node) || others.length >= nodes - 1) continue;
      placed.push(mishap);
      break;
    }
  }
  return placed;
}

/** A random node among those with the fewest mishaps. */
function leastHit(random: Random, placed: readonly NodeMishap[], nodes: number): number {
  const hits = Array.from({ length: nodes }, (_, node) => placed.filter((mishap) => mishap.node === node).length);
  const fewest = Math.min(...hits);
  const candidates = hits.flatMap((count, node) => (count === fewest ? node : []));
  return candidates[Math.floor(random() * candidates.length)] as number;
}

function overlap(one: NodeMishap, other: NodeMishap): boolean {
  return one.at < other.at + other.forMs + REST_MS && other.at < one.at + one.forMs + REST_MS;
}

function drawServerMishaps(
  random: Random,
  windowMs: number,
  { restart = 0, crash = 0 }: PlanOptions['mishaps'],
): readonly Mishap[] {
  const kinds = [
    ...Array.from({ length: restart }, () => 'restart' as const),
    ...Array.from({ length: crash }, () => 'crash' as const),
  ];
  const times: number[] = [];
  for (let tries = 0; times.length < kinds.length && tries < 50; tries++) {
    const at = Math.round(3000 + random() * Math.max(0, windowMs - 6000));
    if (times.every((other) => Math.abs(other - at) >= SERVER_REST_MS)) times.push(at);
  }
  return times.map((at, index) => ({ kind: kinds[index] as 'restart' | 'crash', at }));
}

/** One after the other, so that one worker is always there. */
function drawWorkerMishaps(
  random: Random,
  workers: number,
  windowMs: number,
  { killWorker = 0, restartQueue = 0 }: PlanOptions['mishaps'],
): readonly WorkerMishap[] {
  const kills = Array.from({ length: killWorker }, (_, index): WorkerMishap => {
    const share = windowMs / killWorker;
    const at = Math.round(1000 + index * share + (random() * share) / 4);
    return { kind: 'killWorker', at, worker: index % workers, forMs: Math.round(1000 + random() * 1000) };
  });
  const restarts = Array.from({ length: restartQueue }, (_, index): WorkerMishap => {
    return { kind: 'restartQueue', at: Math.round(windowMs * ((index + 0.6) / restartQueue)) };
  });
  return [...kills, ...restarts];
}

function drawJumps(random: Random, nodes: number, windowMs: number, count: number): readonly Mishap[] {
  return Array.from({ length: count }, () => ({
    kind: 'jump' as const,
    at: Math.round(random() * windowMs),
    node: Math.floor(random() * nodes),
    skewMs: drawSkew(random),
  }));
}
