import { count, short } from '../support/markdown.mjs';
import { median } from '../support/measure.mjs';

/**
 * @typedef {object} Verdict
 * @property {string} target
 * @property {boolean | null} isMet - null if it was not measured
 * @property {string} figures - the figures that decide it
 */

/** The least number of fires per second, by the number of jobs. */
const HELD = 8000;
const OF = 10_000;

/**
 * Decides which targets are met. Rates and delays are judged by the median of the rounds, violations by the worst round. For a
 * smaller size, targets are reduced in proportion.
 *
 * @param {any} result
 * @returns {readonly Verdict[]}
 */
export function judge({ cells, settings }) {
  const cellOf = (key) => cells.find((cell) => cell.key === key);
  const every = (keys) => keys.map(cellOf);
  const { many, manyOnSqlite } = settings;
  const held = (HELD / OF) * many;
  return [
    ...[
      ['PostgreSQL, one process', 'many/ours-postgres-1'],
      ['PostgreSQL, two processes', 'many/ours-postgres-2'],
      ['Redis, one process', 'many/ours-redis-1'],
      ['Redis, two processes', 'many/ours-redis-2'],
    ].map(([where, key]) =>
      holds(`${where}: of ${count(many)} jobs every second at least ${count(held)} run`, cellOf(key), held),
    ),
    complete(
      `SQLite: ${count(manyOnSqlite)} jobs every second, all of them run, none twice`,
      cellOf('many/ours-sqlite-1'),
    ),
    punctual('few-spread', 'spread over it', settings, cellOf),
    punctual('few-together', 'at one instant', settings, cellOf),
    burst(cellOf('burst/ours-postgres')),
    handOver(every(['hand-over/ours-postgres', 'hand-over/ours-redis'])),
    recovery(every(['recovery/ours-postgres', 'recovery/ours-redis'])),
    adding(every(['burst/ours-postgres', 'burst/ours-redis', 'burst/ours-sqlite']), settings),
  ];
}

function holds(target, cell, least) {
  return verdict(`${target}, every other time is reported, none runs twice`, [cell], () => {
    const rate = median(cell.rounds.map(({ perSecond }) => perSecond));
    const [silent, twice] = ['silent', 'twice'].map((kind) => worst(cell.rounds.map(({ slots }) => slots[kind])));
    return {
      isMet: rate >= least && silent === 0 && twice === 0,
      figures: `${short(rate)} fires/s, ${count(silent)} silent, ${twice} twice`,
    };
  });
}

function complete(target, cell) {
  return verdict(target, [cell], () => {
    const missed = worst(cell.rounds.map(({ slots }) => slots.due - slots.made));
    const twice = worst(cell.rounds.map(({ slots }) => slots.twice));
    const rate = median(cell.rounds.map(({ perSecond }) => perSecond));
    return {
      isMet: missed === 0 && twice === 0,
      figures: `${short(rate)} fires/s, ${count(missed)} missed, ${twice} twice`,
    };
  });
}

function punctual(section, how, { few }, cellOf) {
  const cells = ['postgres-1', 'postgres-2', 'redis-1', 'redis-2', 'sqlite-1'].map((of) =>
    cellOf(`${section}/ours-${of}`),
  );
  return verdict(
    `${count(few)} jobs every second, ${how}: p99 under 50 ms late, none missed, none twice`,
    cells,
    () => {
      const p99 = ({ rounds }) => median(rounds.map(({ lateness }) => lateness.p99));
      const missed = ({ rounds }) => worst(rounds.map(({ slots }) => slots.due - slots.made));
      const twice = ({ rounds }) => worst(rounds.map(({ slots }) => slots.twice));
      return {
        isMet: cells.every((cell) => p99(cell) < 50 && missed(cell) === 0 && twice(cell) === 0),
        figures: cells
          .map((cell) => `${cell.title}: ${p99(cell)} ms, ${missed(cell)} missed, ${twice(cell)} twice`)
          .join('; '),
      };
    },
  );
}

function burst(cell) {
  return verdict('A burst of one-off jobs on PostgreSQL: 10,000 in a second', [cell], () => {
    const rate = median(cell.rounds.map(({ doneMs }) => (cell.jobs / doneMs) * 1000));
    return { isMet: rate >= 10_000, figures: `${short(rate)}/s` };
  });
}

function handOver(cells) {
  return verdict('From adding a job to its start in another process: p50 under 5 ms, p99 under 15 ms', cells, () => {
    const rank = ({ rounds }, name) => median(rounds.map((round) => round[name]));
    return {
      isMet: cells.every((cell) => rank(cell, 'p50') < 5 && rank(cell, 'p99') < 15),
      figures: cells
        .map((cell) => `${cell.title}: ${short(rank(cell, 'p50'))} and ${short(rank(cell, 'p99'))} ms`)
        .join('; '),
    };
  });
}

function recovery(cells) {
  return verdict('Within 20 s of SIGKILL a run starts again in another process', cells, () => {
    const longest = ({ rounds }) => worst(rounds.map(({ seconds }) => seconds));
    return {
      isMet: cells.every((cell) => longest(cell) <= 20),
      figures: cells.map((cell) => `${cell.title}: maximum ${short(longest(cell))} s`).join('; '),
    };
  });
}

function adding(cells, { burst: { jobs } }) {
  return verdict(`${count(jobs)} jobs added in bulk in under 1 s`, cells, () => {
    const time = ({ rounds }) => median(rounds.map(({ addMs }) => addMs / 1000));
    return {
      isMet: cells.every((cell) => time(cell) < 1),
      figures: cells.map((cell) => `${cell.title}: ${short(time(cell))} s`).join('; '),
    };
  });
}

/** A failed measurement does not meet its target, and says why. */
function verdict(target, cells, judgeFigures) {
  if (cells.includes(undefined)) return { target, isMet: null, figures: 'Not all of it was measured' };
  const failed = cells.find(({ failure }) => failure !== null);
  if (failed === undefined) return { target, ...judgeFigures() };
  return { target, isMet: false, figures: `${failed.title}: ${failed.failure.reason}` };
}

const worst = (values) => Math.max(...values);
