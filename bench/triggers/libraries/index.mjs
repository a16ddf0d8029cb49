import { existsSync, readFileSync } from 'node:fs';

const modules = new URL('../../node_modules/', import.meta.url);
const isInstalled = (name) => existsSync(new URL(`${name}/package.json`, modules));

/** Every library, by how it is loaded. Those with a zone of their own are given it; the others live in the process's. */
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

/** The libraries that are here: ours, and those of the others that are installed. */
export function libraryNames() {
  return Object.keys(loaders).filter((name) => name === OURS || isInstalled(packageOf(name)));
}

export const OURS = 'nestjs-apscheduler';

/**
 * @param {string} name
 * @param {string} zone
 * @returns {Promise<import('./library.mjs').Library>}
 */
export function loadLibrary(name, zone) {
  return loaders[name](zone);
}

/** @returns {Record<string, string>} the version of each package that is here */
export function versions() {
  const read = (url) => JSON.parse(readFileSync(url, 'utf8')).version;
  const ours = new URL('../../../package.json', import.meta.url);
  return Object.fromEntries(
    [...new Set(libraryNames().map(packageOf))].map((name) => [
      name,
      read(name === OURS ? ours : new URL(`${name}/package.json`, modules)),
    ]),
  );
}
