import { existsSync, readFileSync } from 'node:fs';

export const OURS = 'nestjs-apscheduler';

const modules = new URL('../node_modules/', import.meta.url);
const ours = new URL('../../package.json', import.meta.url);

/** @param {string} name */
export function isInstalled(name) {
  return existsSync(new URL(`${name}/package.json`, modules));
}

/** Whether all dependencies in this folder's package.json are installed. */
export function isAllInstalled() {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return Object.keys(dependencies).every(isInstalled);
}

/**
 * @param {Iterable<string>} names - of installed packages
 * @returns {Record<string, string>} the version of each
 */
export function versionsOf(names) {
  const read = (url) => JSON.parse(readFileSync(url, 'utf8')).version;
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, read(name === OURS ? ours : new URL(`${name}/package.json`, modules))]),
  );
}
