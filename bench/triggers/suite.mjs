import { machine, publish } from '../support/results.mjs';
import { inOwnProcess } from '../support/worker.mjs';
import { expressions } from './expressions.mjs';
import { libraryNames, versions } from './libraries/index.mjs';
import { toMarkdown } from './report.mjs';

const SPEED = new URL('speed.worker.mjs', import.meta.url);
const FOOTPRINT = new URL('footprint.worker.mjs', import.meta.url);

const FULL = {
  zones: ['UTC', 'Europe/Berlin', 'America/New_York'],
  speed: { rounds: 15, budgetMs: 10, samples: 1000 },
  footprint: { kept: 100_000, made: 50_000, budgetMs: 1000 },
};
const SMOKE = {
  zones: ['UTC', 'America/New_York'],
  speed: { rounds: 1, budgetMs: 0, samples: 10 },
  footprint: { kept: 100, made: 100, budgetMs: 1 },
};

/**
 * Next times per second, and the cost of making and keeping triggers: this package and other libraries.
 *
 * @param {{ save: boolean, smoke: boolean }} options
 */
export async function run({ save, smoke }) {
  const settings = smoke ? SMOKE : FULL;
  const speed = [];
  for (const zone of settings.zones) {
    speed.push(await inOwnProcess(SPEED, { zone, ...settings.speed }, { timeZone: zone }));
  }
  const footprint = [];
  // The source of the zone makes no difference to the cost of the objects.
  for (const name of libraryNames().filter((name) => !name.includes(','))) {
    process.stderr.write(`${name}: making and keeping\n`);
    const task = { name, zone: 'UTC', ...settings.footprint };
    footprint.push(await inOwnProcess(FOOTPRINT, task, { timeZone: 'UTC' }));
  }
  const result = {
    date: new Date().toISOString(),
    machine: machine(),
    versions: versions(),
    settings,
    speed,
    footprint,
  };
  const names = expressions.map(({ name }) => name);
  publish('triggers', result, (all) => toMarkdown(all, names), { save, smoke });
}
