import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { testServer } from '../support/servers/test-server.js';
import { compile, makeProject, MISSING_PACKAGES, writePlatform } from './project.js';
import { run } from './run.js';

const [postgres, redis] = await Promise.all([testServer('postgres'), testServer('redis')]);
const PNPM = ['npx', '--yes', 'pnpm@10', 'add'] as const;

describe('In an application that pnpm installs, the tarball', () => {
  let path = '';

  beforeAll(() => {
    const nest = ['common', 'core', 'testing', 'platform-express'].map((name) => `@nestjs/${name}@12`);
    const packages = [...nest, 'reflect-metadata@0.2', 'rxjs@7', '@types/express@5'];
    path = makeProject({ name: 'pnpm', type: 'module', packages, install: PNPM });
  });

  it('gets the packages that it declares, and no others', () => {
    const isolated = join(path, 'node_modules/.pnpm');
    const [copy = 'none', ...others] = readdirSync(isolated).filter((name) => name.startsWith('nestjs-apscheduler@'));
    expect(others).toEqual([]);
    const declared = [
      '@nestjs',
      'class-transformer',
      'class-validator',
      'cron',
      'cronstrue',
      'reflect-metadata',
      'rxjs',
    ];
    expect(readdirSync(join(isolated, copy, 'node_modules')).sort()).toEqual(
      [...declared, 'nestjs-apscheduler'].sort(),
    );
  });

  it.each(MISSING_PACKAGES)(
    'imports $store, whose start names the package to install',
    ({ store, subpath, url, message }) => {
      const script = `
      import { Scheduler } from 'nestjs-apscheduler/engine';
      import { ${store} } from 'nestjs-apscheduler/${subpath}';
      const jobStores = { default: new ${store}({ url: '${url}' }) };
      await new Scheduler({ jobStores }).start().catch(({ message }) => console.log(message));`;
      expect(run(path, process.execPath, '--input-type=module', '-e', script)).toContain(message);
    },
  );

  describe('with drivers', () => {
    beforeAll(() => {
      const [command, ...options] = PNPM;
      run(path, command, ...options, 'kysely@0.28', 'pg@8', 'ioredis@5', 'bullmq@6', '@nestjs/bullmq@12');
      writePlatform(path, 'express');
      compile(path);
    });

    it('runs an application with the REST API', () => {
      expect(JSON.parse(run(path, process.execPath, 'dist/main.js'))).toMatchObject({
        returnValue: 'Hello, world, from greet!',
        answered: 200,
        bad: 400,
      });
    });

    it.runIf(postgres.available && redis.available)('runs jobs on PostgreSQL and Redis', async () => {
      const [{ url: sql }, { url: forRedis }] = await Promise.all([postgres.room(), redis.room()]);
      const urls = JSON.stringify({ postgres: sql, redis: forRedis });
      const greetings = { postgres: 'Hello, postgres!', redis: 'Hello, redis!' };
      expect(JSON.parse(run(path, process.execPath, 'drivers.mjs', urls))).toEqual(greetings);
    });
  });
});
