import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { testServer } from '../support/servers/test-server.js';
import { compile, folder, makeProject, MISSING_PACKAGES, NPM_WITHOUT_PEERS, writePlatform } from './project.js';
import { run } from './run.js';

const redis = await testServer('redis');

const root = fileURLToPath(new URL('../..', import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>;
};
/** The files that an entry of `exports` leads to, whatever the conditions. */
const targetsOf = (entry: unknown): readonly string[] =>
  typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap(targetsOf);
const subpaths = Object.keys(exports).map((path) => path.replace(/^\./, 'nestjs-apscheduler'));
const tarball = inject('tarball');

describe('The types of the client', () => {
  it('are those of the routes: npm run client-types makes them', () => {
    expect(run(root, process.execPath, 'client-types.mjs', '--print')).toBe(
      readFileSync(join(root, 'lib/client/wire.ts'), 'utf8'),
    );
  });
});

/** What is looked at of an OpenAPI document. */
interface DocumentLike {
  readonly paths: Record<
    string,
    Record<
      string,
      { readonly parameters?: readonly { name: string }[]; readonly requestBody?: object; readonly responses: object }
    >
  >;
}

describe('The tarball', () => {
  it('holds what is built, what npm shows of it and nothing else', () => {
    const files = run(folder, 'tar', '-tzf', tarball).trim().split('\n');
    const strange = files.filter(
      (file) =>
        !/^package\/(dist\/.+\.(js|d\.ts|cjs|d\.cts)|dist\/openapi\.json|(dist\/cjs\/)?package\.json|[A-Z]+(\.md)?)$/.test(
          file,
        ),
    );
    expect(strange).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        'package/LICENSE',
        'package/README.md',
        'package/CHANGELOG.md',
        'package/SECURITY.md',
        ...targetsOf(exports).map((target) => target.replace('./', 'package/')),
      ]),
    );
    expect(statSync(tarball).size).toBeLessThan(1_000_000);
  });
});

describe.each([
  { nest: 12, type: 'module', platform: 'express', swagger: '@nestjs/swagger@12', piscina: '5', bullmq: '6' },
  { nest: 12, type: 'commonjs', platform: 'fastify', swagger: null, piscina: '5', bullmq: '6' },
  { nest: 11, type: 'module', platform: 'fastify', swagger: '@nestjs/swagger@11', piscina: '5.0.0', bullmq: '5' },
  {
    nest: 11,
    type: 'commonjs',
    platform: 'express',
    swagger: '@nestjs/swagger@11.0.0',
    piscina: '5.0.0',
    bullmq: '5',
  },
] as const)('In an empty application on Nest $nest ($type, $platform), the tarball', (project) => {
  const { bullmq, nest, type, platform, swagger, piscina } = project;
  const hasSwc = nest === 12 && type === 'module';
  let path = '';

  beforeAll(() => {
    const names = ['common', 'core', 'testing', 'bullmq', `platform-${platform}`];
    const nestPackages = names.map((name) => `@nestjs/${name}@${nest}`);
    const queues = [`bullmq@${bullmq}`, 'ioredis@5'];
    const others = ['reflect-metadata@0.2', 'rxjs@7', 'kysely@0.28', '@types/express@5', `piscina@${piscina}`];
    path = makeProject({
      name: `nest-${nest}-${platform}`,
      type,
      packages: [
        ...[...nestPackages, ...others, ...queues, ...(swagger ? [swagger] : [])],
        ...(hasSwc ? ['@swc/core@1', '@swc-node/register@1'] : []),
      ],
    });
    writePlatform(path, platform);
  });

  it('brings types that resolve under NodeNext, and hold together, in strict mode', () => {
    expect(compile(path)).toBe('');
  });

  it('brings types that resolve as in the days before exports, the engine and the testing kit too', () => {
    const options = ['--noEmit', '--strict', '--target', 'ES2022', '--types', 'node', '--experimentalDecorators'];
    const node10 = ['--module', 'CommonJS', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'];
    expect(compile(path, ...options, ...node10, '--ignoreConfig', 'src/engine.ts', 'src/testing.ts')).toBe('');
  });

  it('runs a job, serves the REST API and leaves nothing behind that keeps the process alive', () => {
    expect(JSON.parse(run(path, process.execPath, 'dist/main.js'))).toEqual({
      returnValue: 'Hello, world, from greet!',
      description: 'at 09:00, Monday through Friday (Europe/Berlin)',
      refused: 401,
      answered: 200,
      added: 200,
      bad: 400,
      job: expect.objectContaining({ id: 'later', func: 'GreetingService:greet', trigger: 'interval', hours: 1 }),
    });
  });

  it(`runs a job in a worker thread, on Piscina ${piscina}, and leaves nothing behind either`, () => {
    expect(run(path, process.execPath, 'dist/threads.js')).toBe('Hello, world, from a worker thread!\n');
  });

  it.runIf(redis.available)(
    `hands a run over to a worker of BullMQ ${bullmq}, and leaves nothing behind either`,
    async () => {
      const { keyPrefix, url } = await redis.room();
      const printed = run(path, process.execPath, 'dist/bullmq.js', url, keyPrefix.replace(/:$/, ''));
      expect(printed).toBe('Hello, world, from a worker of BullMQ!\n');
    },
  );

  it.runIf(hasSwc)('runs a job in a worker thread from TypeScript sources with SWC', () => {
    const sources = ['--import', '@swc-node/register/esm-register', 'src/threads.ts', 'src/threads.worker.js'];
    expect(run(path, process.execPath, ...sources)).toBe('Hello, world, from a worker thread!\n');
  });

  it.runIf(swagger)('puts all of its routes into the document of @nestjs/swagger, or none', () => {
    const script = `
      import { writeFileSync } from 'node:fs';
      import { NestFactory } from '@nestjs/core';
      import { SwaggerModule } from '@nestjs/swagger';
      import { SchedulerModule } from 'nestjs-apscheduler';
      import { adapter } from './dist/platform.js';
      const documents = {};
      for (const openapi of ['include', 'exclude']) {
        const scheduler = SchedulerModule.forRoot({ apiEnabled: true, auth: false, openapi });
        const module = { module: class {}, imports: [scheduler] };
        const app = await NestFactory.create(module, new adapter.constructor(), { logger: ['error'] });
        await app.init();
        documents[openapi] = SwaggerModule.createDocument(app, { openapi: '3.0.0', info: { title: '', version: '' } });
        await app.close();
      }
      console.log(JSON.stringify(documents));`;
    writeFileSync(join(path, 'swagger.mjs'), script);
    const { include, exclude } = JSON.parse(run(path, process.execPath, 'swagger.mjs')) as Record<string, DocumentLike>;
    const own = JSON.parse(
      readFileSync(join(path, 'node_modules/nestjs-apscheduler/dist/openapi.json'), 'utf8'),
    ) as DocumentLike;
    const outline = ({ paths }: DocumentLike): unknown =>
      Object.fromEntries(
        Object.entries(paths).flatMap(([route, methods]) =>
          Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => {
            const names = parameters.map(({ name }) => name).toSorted();
            return [
              `${method} ${route}`,
              { names, takesBody: requestBody !== undefined, statuses: Object.keys(responses) },
            ];
          }),
        ),
      );
    expect(outline(include as DocumentLike)).toEqual(outline(own));
    expect(include).toHaveProperty('components.schemas.SchedulerJob.properties.next_run_time');
    expect(exclude).toMatchObject({ paths: {}, components: { schemas: {} } });
  });

  it('is put into a bundle by esbuild that runs without this package, its dependencies, Kysely and drivers', () => {
    // Bundlers follow import() of drivers too: those that are not installed have to be left out, as docs/stores.md says.
    const left = ['@nestjs/*', 'rxjs', 'reflect-metadata', 'kysely', 'pg', 'mysql2', 'better-sqlite3', 'ioredis'];
    const externals = left.map((name) => `--external:${name}`);
    const format = type === 'module' ? 'esm' : 'cjs';
    // Packages in CommonJS call require(), which an ES module does not have.
    const require = `import { createRequire as from } from 'node:module'; const require = from(import.meta.url);`;
    const banner = type === 'module' ? [`--banner:js=${require}`] : [];
    const bundled = join(folder, `bundled-${nest}-${platform}`);
    const options = [
      '--bundle',
      '--platform=node',
      `--format=${format}`,
      '--keep-names',
      `--outfile=${bundled}/main.js`,
    ];
    run(
      path,
      process.execPath,
      join(root, 'node_modules/esbuild/bin/esbuild'),
      'dist/main.js',
      ...options,
      ...externals,
      ...banner,
    );
    writeFileSync(join(bundled, 'package.json'), JSON.stringify({ type }));
    mkdirSync(join(bundled, 'node_modules'));
    for (const name of ['@nestjs', 'rxjs', 'reflect-metadata']) {
      symlinkSync(join(path, 'node_modules', name), join(bundled, 'node_modules', name));
    }
    const answer: unknown = JSON.parse(run(bundled, process.execPath, 'main.js'));
    expect(answer).toMatchObject({ description: expect.stringContaining('Monday'), answered: 200, bad: 400 });
  });

  it('has a client for browsers, which needs nothing else', () => {
    writeFileSync(
      join(path, 'browser.mjs'),
      `import { SchedulerClient } from 'nestjs-apscheduler/client';
       console.log(typeof new SchedulerClient({ url: '/scheduler' }).getJobs);`,
    );
    const outfile = join(folder, `browser-${nest}-${platform}.mjs`);
    const options = ['--bundle', '--platform=browser', '--format=esm', '--minify', `--outfile=${outfile}`];
    run(path, process.execPath, join(root, 'node_modules/esbuild/bin/esbuild'), 'browser.mjs', ...options);
    expect(run(folder, process.execPath, outfile)).toBe('function\n');
    expect(readFileSync(outfile).length).toBeLessThan(10_000);
  });

  it('is one copy for import and require()', () => {
    const script = `import { createRequire } from 'node:module'; import { SchedulerModule } from 'nestjs-apscheduler';
      const required = createRequire(import.meta.url)('nestjs-apscheduler');
      console.log(required.SchedulerModule === SchedulerModule);`;
    writeFileSync(join(path, 'copies.mjs'), script);
    expect(run(path, process.execPath, 'copies.mjs')).toBe('true\n');
  });

  it('loads few files of its own when it is imported, and no package except Nest and rxjs', () => {
    const script = `
      import { createRequire, register } from 'node:module';
      const hook = "export const resolve = async (id, context, next) => { const found = await next(id, context);"
        + "process._rawDebug(found.url); return found; }";
      register('data:text/javascript,' + encodeURIComponent(hook));
      await import('@nestjs/core');
      await import('reflect-metadata');
      const { cache } = createRequire(import.meta.url);
      const before = new Set(Object.keys(cache));
      process._rawDebug('begin');
      const { CronTrigger } = await import('nestjs-apscheduler');
      for (const file of Object.keys(cache)) if (!before.has(file)) process._rawDebug(file);
      process._rawDebug('end');
      CronTrigger.fromCrontab('0 9 * * *');
      console.log(Object.keys(cache).some((file) => file.includes('/node_modules/cron/')));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: path,
      encoding: 'utf8',
    });
    const loaded = stderr.slice(stderr.indexOf('begin\n'), stderr.indexOf('end\n')).split('\n');
    const packages = [...new Set(loaded)].flatMap(
      (file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
    );
    expect(packages.filter((name) => name === 'nestjs-apscheduler').length).toBeLessThanOrEqual(12);
    const others = packages.filter((name) => !name.startsWith('@nestjs/') && name !== 'rxjs');
    expect(new Set(others)).toEqual(new Set(['nestjs-apscheduler']));
    expect(stdout).toBe('true\n');
  });

  it('puts applications on a manual clock for their tests', () => {
    const days = ['07T09', '08T09', '09T09', '10T00'].map((time) => `2030-01-${time}:00:00.000Z`);
    expect(JSON.parse(run(path, process.execPath, 'dist/testing.js'))).toEqual([days, days, days]);
  });

  it("tests a job store with Node's own test runner", () => {
    const script = `
      import { describe, it } from 'node:test';
      import { MemoryJobStore } from 'nestjs-apscheduler/engine';
      import { describeJobStore } from 'nestjs-apscheduler/testing';
      describeJobStore('my', () => new MemoryJobStore(), { describe, it, walks: 5 });
    `;
    writeFileSync(join(path, 'store.test.mjs'), script);
    const report = run(path, process.execPath, '--test', '--test-reporter=tap', 'store.test.mjs');
    expect(report).toMatch(/^# pass [1-9]\d+\n# fail 0$/m);
  });

  it.each(subpaths)('lets itself be imported as %s', (subpath) => {
    const attributes = subpath.endsWith('.json') ? `, { with: { type: 'json' } }` : '';
    const script = `import('${subpath}'${attributes}).then((names) => console.log(Object.keys(names).length))`;
    expect(Number(run(path, process.execPath, '-e', script))).toBeGreaterThan(0);
  });

  it('shares one Nest with the application', () => {
    const copies = run(path, 'npm', 'ls', '@nestjs/core', '--all', '--parseable').trim().split('\n');
    expect(copies).toHaveLength(1);
  });
});

describe('Without Nest and any driver, the tarball', () => {
  let path = '';

  beforeAll(() => {
    path = makeProject({ name: 'engine', type: 'module', packages: [], install: NPM_WITHOUT_PEERS });
  });

  it('runs a job with the engine alone', () => {
    const needNest = [
      'main.ts',
      'testing.ts',
      'reports.spec.ts',
      'threads.ts',
      'threads.module.ts',
      'threads.worker.ts',
      'bullmq.ts',
    ];
    for (const file of needNest) rmSync(join(path, 'src', file));
    compile(path);
    expect(readdirSync(join(path, 'node_modules'))).not.toContain('@nestjs');
    expect(JSON.parse(run(path, process.execPath, 'dist/engine.js'))).toEqual({ returnValue: 'Hello, world!' });
  });

  it.each(MISSING_PACKAGES)(
    'imports $store, whose start names the package to install',
    ({ store, subpath, url, message }) => {
      const use = `const jobStores = { default: new ${store}({ url: '${url}' }) };
      new Scheduler({ jobStores }).start().catch(({ message }) => console.log(message));`;
      const names = [`{ ${store} }`, `'nestjs-apscheduler/${subpath}'`, '{ Scheduler }', `'nestjs-apscheduler/engine'`];
      const modules = `import ${names[0]} from ${names[1]}; import ${names[2]} from ${names[3]}; ${use}`;
      const commonjs = `const ${names[0]} = require(${names[1]}); const ${names[2]} = require(${names[3]}); ${use}`;
      expect(run(path, process.execPath, '--input-type=module', '-e', modules)).toContain(message);
      expect(run(path, process.execPath, '--input-type=commonjs', '-e', commonjs)).toContain(message);
    },
  );
});
