import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Fixture {
  /** What the rule enforces, as part of the test's name. */
  readonly law: string;
  readonly file: string;
  readonly code: string;
  /** The rules that must report, one entry per report; none if the code is allowed. */
  readonly reports: readonly string[];
}

const IMPORTS = 'layers(imports)';
const CLOCK = 'layers(clock)';

const fixtures: readonly Fixture[] = [
  {
    law: 'the engine imports no Nest, not even types or re-exports',
    file: 'lib/engine/nest.ts',
    code: `
      import { Injectable } from '@nestjs/common';
      import type { Type } from '@nestjs/core';
      export { Logger } from '@nestjs/common/services/logger.service.js';
      export const lazily = () => import('@nestjs/common');
      export const used: [typeof Injectable, Type?] = [Injectable];`,
    reports: [IMPORTS, IMPORTS, IMPORTS, IMPORTS],
  },
  {
    law: 'the engine imports no package',
    file: 'lib/engine/triggers/vendor.ts',
    code: `
      import { CronTime } from 'cron';
      import { isString } from 'class-validator';
      export const used = [CronTime, isString];`,
    reports: [IMPORTS, IMPORTS],
  },
  {
    law: "the engine may import Node's builtins and itself",
    file: 'lib/engine/stores/free.ts',
    code: `
      import { randomUUID } from 'node:crypto';
      import { SchedulerError } from '../errors.js';
      export const used = [randomUUID, SchedulerError];`,
    reports: [],
  },
  {
    law: 'a folder of the engine imports only those that it builds on, not even types of others',
    file: 'lib/engine/runs/order.ts',
    code: `
      export { MAX_INSTANT } from '../time/civil.js';
      export type { JobRecord } from '../model/job.js';
      export type { StartOptions } from '../lifecycle/lifecycle-options.js';
      export { parseJobDefinition } from '../jobs/job-input.js';`,
    reports: [IMPORTS, IMPORTS],
  },
  {
    law: 'executors in threads build on the engine and the module, and load no vendor before it is needed',
    file: 'lib/executors/threads/pool.ts',
    code: `
      import { NestFactory } from '@nestjs/core';
      import { SchedulerService } from '../../module/scheduler.service.js';
      import { SqlJobStore } from '../../stores/sql/index.js';
      import { Redis } from 'ioredis';
      export const used = [NestFactory, SchedulerService, SqlJobStore, Redis];`,
    reports: [IMPORTS, IMPORTS],
  },
  {
    law: 'executors do not build on each other, and share what is for tasks that run elsewhere',
    file: 'lib/executors/bullmq/uses-threads.ts',
    code: `
      export { carry } from '../remote/carried-error.js';
      export { threadExecutor } from '../threads/index.js';`,
    reports: [IMPORTS],
  },
  {
    law: 'the module does not know executors that are loaded on demand',
    file: 'lib/module/uses-threads.ts',
    code: `export const load = () => import('../executors/threads/index.js');`,
    reports: [IMPORTS],
  },
  {
    law: 'a new folder of the engine has to be given its place among the others',
    file: 'lib/engine/elsewhere/new.ts',
    code: `export { MAX_INSTANT } from '../time/civil.js';`,
    reports: [IMPORTS],
  },
  {
    law: 'no two files import one another, not even types',
    file: 'lib/engine/util/inspect.ts',
    code: `
      import type { ForExample } from './work-budget.js';
      export type { ForExample };`,
    reports: [],
  },
  {
    law: 'only the loader of packages may require cron and cronstrue',
    file: 'lib/engine/util/load-packages.cjs',
    code: `
      exports.loadCron = () => require('cron');
      exports.loadCronstrue = () => require('cronstrue');
      exports.loadOther = () => require('class-validator');`,
    reports: [IMPORTS],
  },
  {
    law: 'the crontab parser does not load cron at the start',
    file: 'lib/engine/triggers/cron/crontab.ts',
    code: `
      import { CronTime } from 'cron';
      export const used = [CronTime, require('cron')];`,
    reports: [IMPORTS, IMPORTS],
  },
  {
    law: 'a store imports types of its driver only, and loads it by import()',
    file: 'lib/stores/sql/driver.ts',
    code: `
      import { sql, type RawBuilder } from 'kysely';
      import type { Pool } from 'pg';
      export const load = (): unknown => import('mysql2');
      export const used: [typeof sql, RawBuilder<unknown>?, Pool?] = [sql];`,
    reports: [IMPORTS],
  },
  {
    law: 'the engine imports nothing above it',
    file: 'lib/engine/triggers/upwards.ts',
    code: `
      export { SchedulerService } from '../../module/scheduler.service.js';
      export { jsonify } from '../../rest/wire/jsonify.js';
      export * from '../../index.js';`,
    reports: [IMPORTS, IMPORTS, IMPORTS],
  },
  {
    law: 'the module imports the engine, but neither REST nor the root',
    file: 'lib/module/upwards.ts',
    code: `
      export { SchedulerError } from '../engine/errors.js';
      export { Injectable } from '@nestjs/common';
      export { jsonify } from '../rest/wire/jsonify.js';
      export { SchedulerModule } from '../scheduler.module.js';`,
    reports: [IMPORTS, IMPORTS],
  },
  {
    law: 'REST imports the folders below it and its validators, but no HTTP platform',
    file: 'lib/rest/downwards.ts',
    code: `
      export { SchedulerError } from '../engine/errors.js';
      export { SCHEDULER_OPTIONS } from '../module/scheduler-options.js';
      export { IsString } from 'class-validator';
      export { ExpressAdapter } from '@nestjs/platform-express';`,
    reports: [IMPORTS],
  },
  {
    law: 'the testing kit imports the module and the folders below it, but neither REST nor test frameworks',
    file: 'lib/testing/downwards.ts',
    code: `
      export { ManualClock } from '../engine/clock.js';
      export { SCHEDULER_CLOCK } from '../module/scheduler-clock.js';
      export { SchedulerModule } from '../scheduler.module.js';
      export { jsonify } from '../rest/wire/jsonify.js';
      export { Test } from '@nestjs/testing';
      export { expect } from 'vitest';`,
    reports: [IMPORTS, IMPORTS, IMPORTS],
  },
  {
    law: 'the root exports nothing of the testing kit',
    file: 'lib/index.ts',
    code: `
      export { SchedulerModule } from './scheduler.module.js';
      export { jsonify } from './rest/wire/jsonify.js';
      export { runTask } from './testing/run-task.js';`,
    reports: [IMPORTS],
  },
  {
    law: 'no folder imports the testing kit',
    file: 'lib/rest/testing.ts',
    code: `export { runTask } from '../testing/run-task.js';`,
    reports: [IMPORTS],
  },
  {
    law: 'only the clock reads the time',
    file: 'lib/engine/now.ts',
    code: `
      export const now = [Date.now(), new Date(), Date(), performance.now(), process.hrtime()];
      export const parsed = new Date('2030-01-01');`,
    reports: [CLOCK, CLOCK, CLOCK, CLOCK, CLOCK],
  },
  {
    law: 'only the clock sets timers',
    file: 'lib/module/timer.ts',
    code: `
      import { setTimeout as sleep } from 'node:timers/promises';
      export const timers = (wake: () => void): unknown[] => [
        setTimeout(wake, 1),
        setInterval(wake, 1),
        setImmediate(wake),
        globalThis.setTimeout(wake, 1),
        sleep(1),
      ];`,
    reports: [CLOCK, CLOCK, CLOCK, CLOCK, CLOCK],
  },
  {
    law: 'the clock may read the time and set timers',
    file: 'lib/engine/clock.ts',
    code: `export const clock = (wake: () => void): unknown[] => [Date.now(), new Date(), setTimeout(wake, 1)];`,
    reports: [],
  },
  {
    law: 'any is not used',
    file: 'lib/module/any.ts',
    code: `export const hole = (value: any): unknown => value;`,
    reports: ['typescript(no-explicit-any)'],
  },
  {
    law: 'the library neither writes to the console nor exits the process',
    file: 'lib/module/console.ts',
    code: `
      export function end(): void {
        console.log('the end');
        process.exit(1);
      }`,
    reports: ['eslint(no-console)', 'unicorn(no-process-exit)'],
  },
  {
    law: 'there are no default exports',
    file: 'lib/module/default.ts',
    code: `export default 1;`,
    reports: ['import(no-default-export)'],
  },
  {
    law: 'no test is focused or skipped',
    file: 'test/unit/focused.test.ts',
    code: `
      import { expect, it } from 'vitest';
      it.only('runs alone', () => {
        expect(1).toBe(1);
      });
      it.skip('runs never', () => {
        expect(1).toBe(1);
      });`,
    reports: ['vitest(no-focused-tests)', 'vitest(no-disabled-tests)'],
  },
  {
    law: 'a promise is awaited or explicitly ignored',
    file: 'test/unit/floating.ts',
    code: `
      const work = async (): Promise<void> => undefined;
      void work();
      work();`,
    reports: ['typescript(no-floating-promises)'],
  },
];

describe('The lint rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  const reports = new Map<string, string[]>();

  beforeAll(() => {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, types: [] } }));
    for (const { file, code } of fixtures) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `${code}\n`);
    }
    const lint = spawnSync(process.execPath, [
      'node_modules/oxlint/bin/oxlint',
      '--config=.oxlintrc.json',
      '--format=json',
      folder,
    ]);
    const { diagnostics } = JSON.parse(lint.stdout.toString()) as { diagnostics: { filename: string; code: string }[] };
    for (const { filename, code } of diagnostics) {
      const file = relative(folder, filename);
      reports.set(file, [...(reports.get(file) ?? []), code]);
    }
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  for (const { law, file, reports: expected } of fixtures) {
    it(`enforce that ${law}`, () => {
      expect((reports.get(file) ?? []).toSorted()).toEqual([...expected].toSorted());
    });
  }
});
