import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The source files of a node's program. */
const SOURCES = ['lib/engine', 'lib/executors/bullmq', 'lib/executors/remote', 'lib/stores', 'test/chaos'];
const PROGRAM = 'test/chaos/node-program.js';

/** The entry points that the program imports by the package's name. */
const PACKAGE = {
  name: 'nestjs-apscheduler',
  type: 'module',
  exports: {
    './bullmq': './lib/executors/bullmq/index.js',
    './engine': './lib/engine/index.js',
    './redis': './lib/stores/redis/index.js',
    './sql': './lib/stores/sql/index.js',
  },
};

let built: ReadonlyMap<string, string> | undefined;

/**
 * Compiles the program of a node to JavaScript once; otherwise a node that is started again would spend more time on
 * compiling than on its work.
 *
 * @returns the file to run.
 */
export function writeProgram(folder: string): string {
  built ??= new Map(SOURCES.flatMap(sourcesIn).map((file) => [file.replace(/\.ts$/, '.js'), translate(file)]));
  for (const [file, text] of built) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(PACKAGE));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, PROGRAM);
}

function sourcesIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /(?<!\.test|\.d)\.ts$|\.cjs$/.test(name)).map((name) => `${folder}/${name}`);
}

function translate(file: string): string {
  const text = readFileSync(join(ROOT, file), 'utf8');
  if (file.endsWith('.cjs')) return text;
  const { ES2022 } = ts.ScriptTarget;
  const compilerOptions = { target: ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}
