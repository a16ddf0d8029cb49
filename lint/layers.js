/**
 * The project's own lint rules: which room of lib/ may import what, and who may ask what time it is.
 * Plain ESLint rules; oxlint loads them through `jsPlugins`.
 */
import { posix } from 'node:path';

/** What each room may import: rooms further down, and packages. Node's builtins are free to all. */
const ROOMS = {
  engine: { rooms: ['engine'], packages: [] },
  arguments: { rooms: ['engine', 'arguments'], packages: ['class-transformer', 'class-validator'] },
  module: {
    rooms: ['engine', 'arguments', 'module'],
    packages: ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'],
  },
  rest: {
    rooms: ['engine', 'arguments', 'module', 'rest', 'dashboard'],
    packages: [
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/swagger',
      'class-transformer',
      'class-validator',
      'reflect-metadata',
      'rxjs',
    ],
  },
  testing: {
    rooms: ['engine', 'module', 'testing', 'lib/scheduler.module.js'],
    packages: ['@nestjs/common', '@nestjs/core'],
  },
  client: { rooms: ['client'], packages: [] },
  dashboard: { rooms: ['dashboard', 'client'], packages: ['@preact/signals', 'preact', 'uplot'] },
  'executors/bullmq': {
    rooms: ['engine', 'module', 'executors/remote', 'executors/bullmq'],
    packages: ['@nestjs/bullmq', '@nestjs/common', '@nestjs/core', 'bullmq', 'ioredis'],
  },
  'executors/remote': { rooms: ['engine', 'module', 'executors/remote'], packages: ['@nestjs/core'] },
  'executors/threads': {
    rooms: ['engine', 'module', 'executors/remote', 'executors/threads'],
    packages: ['@nestjs/common', '@nestjs/core', 'piscina'],
  },
  'stores/redis': { rooms: ['engine', 'stores/redis'], packages: ['ioredis'] },
  'stores/sql': { rooms: ['engine', 'stores/sql'], packages: ['kysely', 'better-sqlite3', 'mysql2', 'pg'] },
};

/** The files beside the rooms: what the root exports. Subpaths with an export of their own are none of theirs. */
const ROOT = {
  ...ROOMS.rest,
  rooms: [
    ...ROOMS.rest.rooms,
    'lib/scheduler.module.js',
    'lib/load-executor.js',
    'lib/load-job-store.js',
    'executors/threads',
    'stores/redis',
    'stores/sql',
  ],
};

/** Folders whose folders are rooms of their own. */
const WINGS = new Set(['executors', 'stores']);

/**
 * The folders of a room, in the order in which they build on each other: each imports only from those before it, so that no two
 * import one another. Files directly in the room are exempt: they are what its folders share, or what puts them together.
 */
const FOLDERS = {
  engine: [
    'util',
    'time',
    'triggers',
    'model',
    'health',
    'stores',
    'executors',
    'runs',
    'audit',
    'dispatch',
    'jobs',
    'transfer',
    'lifecycle',
    'watch',
  ],
  'engine/triggers': ['calendar', 'combining', 'cron', 'description'],
  module: ['options', 'config', 'decorators', 'discovery'],
  rest: ['auth', 'wire', 'dto', 'input', 'body', 'endpoints', 'openapi', 'access', 'dashboard', 'events'],
  'stores/sql': [
    'options',
    'connection',
    'dialects',
    'schema',
    'notices',
    'jobs',
    'nodes',
    'cluster',
    'runs',
    'audit',
    'search',
    'due',
  ],
};

/** Single files that may import a package that their room may not. */
const EXCEPTIONS = { 'engine/util/load-packages.cjs': ['cron', 'cronstrue'], 'dashboard/ui/build.mjs': ['vite'] };

/** The client and the dashboard have no scheduler, whose clock they could go by. */
const CLOCKS = new Set(['engine/clock.ts', 'client/transport.ts', 'dashboard/ui/clock.ts']);
const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const NOW = new Set(['Date.now', 'performance.now', 'process.hrtime', 'process.uptime']);

/** The file's path inside lib/, with `/` on every system; null for a file elsewhere. */
function pathInLib(filename) {
  const parts = filename.replaceAll('\\', '/').split('/lib/');
  return parts.length > 1 ? parts.at(-1) : null;
}

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** The room that a file is in; for one that is in none, `lib/` and its name. */
function roomOf(file) {
  const folders = file.split('/').slice(0, -1);
  if (folders.length === 0) return `lib/${file}`;
  return folders.slice(0, WINGS.has(folders[0]) ? 2 : 1).join('/');
}

/** The fault of an import of one folder of a room by another. */
function faultOfFolders(file, target) {
  for (const [room, order] of Object.entries(FOLDERS)) {
    const [from, to] = [file, target].map((path) =>
      path.startsWith(`${room}/`) && path.slice(room.length + 1).includes('/')
        ? path.slice(room.length + 1).split('/')[0]
        : null,
    );
    if (from === null || to === null || from === to) continue;
    if (!order.includes(from)) return `lib/${room}/${from} is missing from the order of folders in lint/layers.js`;
    if (order.indexOf(to) < 0 || order.indexOf(to) > order.indexOf(from)) {
      return `lib/${room}/${from} must not import from lib/${room}/${to}: folders build on those before them`;
    }
  }
  return null;
}

function faultOfImport(file, specifier) {
  const roomName = roomOf(file);
  const room = file.includes('/') ? ROOMS[roomName] : ROOT;
  if (room === undefined || specifier.startsWith('node:')) return null;
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file), specifier);
    const targetRoom = roomOf(target);
    return room.rooms.includes(targetRoom)
      ? faultOfFolders(file, target)
      : `lib/${roomName} must not import ${targetRoom}: imports go down only`;
  }
  const name = packageOf(specifier);
  const allowed = [...room.packages, ...(EXCEPTIONS[file] ?? [])];
  return allowed.includes(name) ? null : `lib/${roomName} must not import the package "${name}"`;
}

const imports = {
  create(context) {
    const file = pathInLib(context.filename);
    if (file === null) return {};
    const report = (source) => {
      if (typeof source?.value !== 'string') return;
      const message = faultOfImport(file, source.value);
      if (message !== null) context.report({ node: source, message });
    };
    const check = (node) => report(node.source);
    const isStore = file.startsWith('stores/');
    return {
      ImportDeclaration(node) {
        check(node);
        if (!isStore || node.importKind === 'type' || /^(\.|node:)/.test(node.source.value)) return;
        context.report({ node, message: 'A driver may not be installed: import types, and load it by import()' });
      },
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      CallExpression(node) {
        if (node.callee.name === 'require') report(node.arguments[0]);
      },
    };
  },
};

const clock = {
  create(context) {
    const file = pathInLib(context.filename);
    if (file === null || CLOCKS.has(file)) return {};
    const report = (node, what) => context.report({ node, message: `${what}: only Clock knows the time` });
    return {
      CallExpression(node) {
        if (node.callee.type === 'Identifier' && TIMERS.has(node.callee.name)) report(node, node.callee.name);
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date') report(node, 'Date()');
      },
      MemberExpression(node) {
        const name = `${node.object.name}.${node.property.name}`;
        if (NOW.has(name)) report(node, name);
        if (node.object.name === 'globalThis' && TIMERS.has(node.property.name)) report(node, name);
      },
      NewExpression(node) {
        if (node.callee.name === 'Date' && node.arguments.length === 0) report(node, 'new Date()');
      },
      ImportDeclaration(node) {
        if (/^node:(timers|perf_hooks)/.test(node.source.value)) report(node, node.source.value);
      },
    };
  },
};

export default { meta: { name: 'layers' }, rules: { imports, clock } };
