import { median } from '../support/measure.mjs';
import { count, short } from '../support/markdown.mjs';
import { OURS, OURS_AT_ONCE } from './contenders/index.mjs';

/**
 * @typedef {object} Verdict
 * @property {string} target
 * @property {boolean} isMet
 * @property {string} figures - the figures that decide it
 */

/**
 * Decides which targets are met. Costs are judged by the median of the rounds, violations by the worst round.
 *
 * @param {any} result
 * @returns {readonly Verdict[]}
 */
export function judge({ fires, idle, ownData, burst }) {
  const sizes = sizesOf(fires);
  const ours = (jobs) => cellOf(fires, OURS, jobs);
  const atOnce = (jobs) => cellOf(fires, OURS_AT_ONCE, jobs);
  const waiting = idle.find(({ name }) => name === OURS);
  return [
    ...judgedSizes(sizes).map((jobs) => costPerFire(ours(jobs), atOnce(jobs))),
    punctuality(ours(sizes.at(-1)), atOnce(sizes.at(-1))),
    addingAll(waiting),
    memory(waiting, ownData),
    addingOne(waiting),
    answers(burst),
  ];
}

/** With few jobs, most of the cost is the code that V8 compiles in the first half minute of a process. */
const judgedSizes = (sizes) => {
  const large = sizes.filter((jobs) => jobs >= 10_000);
  return large.length > 0 ? large : sizes;
};

function costPerFire(ours, atOnce) {
  return verdict(`At most 4 µs of CPU per fire, ${count(ours.jobs)} jobs`, [ours, atOnce], () => {
    const costs = [ours, atOnce].map(({ rounds }) => median(rounds.map(cpuPerFire)));
    return {
      isMet: costs.every((cost) => cost <= 4),
      figures: `${short(costs[0])} µs; ${short(costs[1])} µs when all fire at one instant`,
    };
  });
}

function punctuality(ours, atOnce) {
  const target = `Each of ${count(ours.jobs)} jobs fires every second, p99 under 100 ms late`;
  return verdict(target, [ours, atOnce], () => {
    const p99 = ({ rounds }) => worst(rounds.map(({ lateness }) => lateness.p99));
    const gaps = worst(ours.rounds.map(({ slots }) => slots.jobsWithGaps));
    return {
      isMet: p99(ours) < 100 && gaps === 0,
      figures: `${gaps} jobs with gaps, p99 ${p99(ours)} ms; ${p99(atOnce)} ms when all fire at one instant`,
    };
  });
}

function addingAll(waiting) {
  return verdict(`${count(waiting.jobs)} jobs added in under 5 s`, [waiting], () => {
    const seconds = median(waiting.rounds.map(({ addMs }) => addMs / 1000));
    return { isMet: seconds < 5, figures: `${short(seconds)} s` };
  });
}

function memory(waiting, ownData) {
  return verdict('Less than 600 bytes per job in addition to its own data', [waiting, ownData], () => {
    const bytes = ({ rounds }, kind) => median(rounds.map((round) => round[kind]));
    const [heap, rss] = ['heapPerJob', 'rssPerJob'].map((kind) => bytes(waiting, kind) - bytes(ownData, kind));
    return {
      isMet: heap < 600 && rss < 600,
      figures: `${heap.toFixed(0)} of objects, ${rss.toFixed(0)} of memory`,
    };
  });
}

function addingOne(waiting) {
  return verdict(`One more job is added to ${count(waiting.jobs)} in less than 100 µs (p99)`, [waiting], () => {
    const [p50, p99] = ['p50', 'p99'].map((key) => median(waiting.rounds.map(({ oneMore }) => oneMore[key])));
    return { isMet: p99 < 100, figures: `Median ${short(p50)} µs, p99 ${short(p99)} µs` };
  });
}

function answers(burst) {
  const target = `An HTTP request during a burst of ${count(burst.jobs)} is answered within 20 ms`;
  return verdict(target, [burst], () => {
    const [during, before] = ['inBurst', 'before'].map((part) =>
      worst(burst.rounds.map((round) => round[part].longestMs)),
    );
    return { isMet: during < 20, figures: `Maximum ${short(during)} ms; ${short(before)} ms before the burst` };
  });
}

/** A failed measurement does not meet its target, and says why. */
function verdict(target, cells, judgeFigures) {
  const failed = cells.find(({ failure }) => failure !== null);
  if (failed === undefined) return { target, ...judgeFigures() };
  return { target, isMet: false, figures: `${failed.failure.reason} with ${count(failed.failure.added)} jobs` };
}

export const cpuPerFire = ({ cpuUs, fires }) => cpuUs / fires;
export const sizesOf = (fires) => [...new Set(fires.map(({ jobs }) => jobs))];

const worst = (values) => Math.max(...values);
const cellOf = (cells, name, jobs) => cells.find((one) => one.name === name && one.jobs === jobs);
