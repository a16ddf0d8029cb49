import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Program } from '../support/program.js';
import { folder, NPM } from './project.js';
import { run } from './run.js';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface SourceFile {
  readonly name: string;
  readonly code: string;
}

/** The README's first example. */
const example: readonly SourceFile[] = [
  ...readFileSync(at('../../README.md'), 'utf8').matchAll(/^```ts\n\/\/ ([\w.-]+\.ts)\n(.*?)^```$/gms),
].map(([, name = '', code = '']) => ({ name, code }));

const specOfExample: SourceFile = {
  name: 'example.spec.ts',
  code: `
    import { Test } from '@nestjs/testing';
    import { SchedulerService } from 'nestjs-apscheduler';
    import { runTask } from 'nestjs-apscheduler/testing';
    import { AppModule } from './app.module.js';
    import { ReportsService } from './reports.service.js';

    it('has the jobs of the example', async () => {
      const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
      await app.init();
      const jobs = await app.get(SchedulerService).getJobs();
      expect(jobs.map(({ id }) => id)).toEqual(['ReportsService:heartbeat', 'report']);
      expect(await runTask(app, ReportsService, 'report')).toBe('written');
      await app.close();
    });
  `,
};

const generated = [
  { nest: 11, type: 'cjs', framework: 'Jest', reporter: '--json', packages: [] },
  { nest: 12, type: 'esm', framework: 'Vitest', reporter: '--reporter=json', packages: [] },
  // Nest 12 has ES modules only, which Jest can require from Node.js 24.9 on.
  { nest: 12, type: 'cjs', framework: 'Jest', reporter: '--json', packages: ['node@24'] },
] as const;

describe.each(generated)(
  'In a project as the CLI of Nest $nest generates it ($type, $framework), the tarball',
  (project) => {
    const { nest, type, reporter, packages } = project;
    const name = `generated-${nest}-${type}`;
    const path = join(folder, name);
    const write = (file: SourceFile): void => writeFileSync(join(path, 'src', file.name), file.code);

    beforeAll(() => {
      // `nest new` asks for the type of module; the command behind it takes it as an option.
      const schematics = ['-p', `@nestjs/cli@${nest}`, 'schematics', '@nestjs/schematics:application'];
      run(folder, 'npx', '--yes', ...schematics, `--name=${name}`, `--type=${type}`, '--package-manager=npm');
      const [command, ...options] = NPM;
      run(path, command, ...options, inject('tarball'), ...packages);
    });

    it("compiles the README's first example as it is pasted", () => {
      expect(example.map((file) => file.name)).toEqual(['reports.service.ts', 'app.module.ts', 'main.ts']);
      example.forEach(write);
      expect(run(path, 'npm', 'run', 'build')).toContain('nest build');
    });

    it('starts, and says how many jobs are declared and when the next is due', async () => {
      const program = new Program(['dist/main.js'], { cwd: path, env: { PORT: '0' } });
      await program.writes(/2 job\(s\) declared; the next is due at \d{4}-[\d-]+T[\d:.]+Z/);
      await program.writes(/Nest application successfully started/);
      expect(await program.stop()).toBe('SIGTERM');
    });

    it('is imported by specs, without configuration', () => {
      // Under Jest, the README leaves out `.js` in a CommonJS project.
      const withExtensions = ({ name: file, code }: SourceFile): SourceFile =>
        type === 'esm' ? { name: file, code } : { name: file, code: code.replaceAll(/(from '\.\/.+)\.js'/g, "$1'") };
      [...example, specOfExample].map(withExtensions).forEach(write);
      copyFileSync(at('app/src/reports.spec.ts'), join(path, 'src/reports.spec.ts'));
      // Two of the copied specs, one of the example, one of the template.
      expect(run(path, 'npm', 'test', '--', reporter)).toContain('"numPassedTests":4');
    });
  },
);
