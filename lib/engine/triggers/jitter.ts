import { MAX_INSTANT, SECOND_MS } from '../time/civil.js';
import type { Jitter, SeededJitter, Trigger } from './trigger.js';

/** A source of numbers from 0 up to 1, as `Math.random`. */
export type Random = () => number;

/** When a run is due: its nominal time and a delay, but not after the trigger's end. */
export function fireTimeOf(nominalTime: number, trigger: Trigger, jobId: string, random: Random): number {
  const { jitter } = trigger;
  if (!jitter) return nominalTime;
  const delay = typeof jitter === 'number' ? Math.round(random() * jitter * SECOND_MS) : seededDelayMs(jitter, jobId);
  return Math.min(nominalTime + delay, trigger.end ?? MAX_INSTANT, MAX_INSTANT);
}

/** The delay that every run of a job has for sure, in milliseconds: a random one may be nothing. */
export function surestDelayMs(jitter: Jitter, jobId: string): number {
  return typeof jitter === 'number' ? 0 : seededDelayMs(jitter, jobId);
}

/** The {@link fireTimeOf} a time that passed before its delay was drawn: a random one counts as nothing. */
export function surestFireTimeOf(nominalTime: number, trigger: Trigger, jobId: string): number {
  return fireTimeOf(nominalTime, trigger, jobId, () => 0);
}

/** The longest delay that runs of a job can have, in milliseconds. */
export function longestDelayMs(jitter: Jitter, jobId: string): number {
  return typeof jitter === 'number' ? jitter * SECOND_MS : seededDelayMs(jitter, jobId);
}

/** The nominal time that a fire time stands for: the one that it is within the jitter of, else itself. */
export function nominalTimeOf(fireTime: number, trigger: Trigger, jobId: string): number {
  const { jitter } = trigger;
  if (!jitter) return fireTime;
  // The end cuts delays short.
  const latest = fireTime === trigger.end ? fireTime : fireTime - surestDelayMs(jitter, jobId);
  const nominalTime = trigger.previous(latest + 1);
  return nominalTime !== null && fireTime - nominalTime <= longestDelayMs(jitter, jobId) ? nominalTime : fireTime;
}

/** Made of the job's id alone, so that every node and every restart find the same; spread evenly over the jobs. */
function seededDelayMs({ max }: SeededJitter, jobId: string): number {
  return Math.round((hashOf(jobId) / 2 ** 32) * max * SECOND_MS);
}

/** FNV-1a over UTF-16 units, then MurmurHash3's finalizer: by itself FNV leaves ids that are alike near each other. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
