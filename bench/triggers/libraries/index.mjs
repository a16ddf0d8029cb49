import { isInstalled, OURS, versionsOf } from '../../support/packages.mjs';

export { OURS };

/** How each library is loaded. Those that support time zones are given one; the others use the process's. */
const loaders = {
  'nestjs-apscheduler': async (zone) => (await import('./nestjs-apscheduler.mjs')).ours(zone),
  'cron-schedule': async () => (await import('./cron-schedule.mjs')).cronSchedule(),
  croner: async (zone) => (await import('./croner.mjs')).croner(zone),
  'croner, process zone': async () => (await import('./croner.mjs')).croner(undefined),
  'cron-parser': async (zone) => (await import('./cron-parser.mjs')).cronParser(zone),
  'cron-parser, process zone': async () => (await import('./cron-parser.mjs')).cronParser(undefined),
  'node-cron': async (zone) => (await import('./node-cron.mjs')).nodeCron(zone),
  cron: async (zone) => (await import('./cron.mjs')).cron(zone),
};

const packageOf = (name) => name.split(',')[0];

/** The available libraries: this package, and installed ones. */
export function libraryNames() {
  return Object.keys(loaders).filter((name) => name === OURS || isInstalled(packageOf(name)));
}

/**
 * @param {string} name
 * @param {string} zone
 * @returns {Promise<import('./library.mjs').Library>}
 */
export function loadLibrary(name, zone) {
  return loaders[name](zone);
}

/** @returns {Record<string, string>} the version of each installed package */
export function versions() {
  return versionsOf(libraryNames().map(packageOf));
}
