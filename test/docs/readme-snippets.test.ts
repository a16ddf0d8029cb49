import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

interface Snippet {
  /** The line of the document that it begins on. */
  readonly line: number;
  readonly file: string;
  readonly code: string;
}

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const bad = at('docs-snippets/bad.ts');
const snippets = snippetsOf(readFileSync(at('README.md'), 'utf8'));

/** A snippet that names its file in its first line can be imported by the others. */
function snippetsOf(document: string): Snippet[] {
  return [...document.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => {
    const line = document.slice(0, index).split('\n').length;
    const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1] ?? `line-${line}.ts`;
    // Each is a module of its own, though it may neither import nor export.
    return { line, file: at(`docs-snippets/${name}`), code: `${code}\nexport {};\n` };
  });
}

/** What the compiler says of each snippet, under the project's own settings and against its sources. */
function check(files: readonly Snippet[]): Map<string, string[]> {
  const { config } = ts.readConfigFile(at('tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, at('.'));
  const codes = new Map(files.map(({ file, code }) => [file, code]));
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
  const { fileExists, readFile, getSourceFile } = host;
  host.directoryExists = (folder) => folder === dirname(bad) || ts.sys.directoryExists(folder);
  host.fileExists = (file) => codes.has(file) || fileExists(file);
  host.readFile = (file) => codes.get(file) ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const code = codes.get(file);
    return code === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, code, version);
  };
  const program = ts.createProgram([...codes.keys()], { ...options, noUnusedLocals: false }, host);
  return new Map(
    [...codes.keys()].map((file) => {
      const source = program.getSourceFile(file);
      if (source === undefined) throw new Error(`${file} is not in the program`);
      const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [file, diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

describe('The README', () => {
  let faults: Map<string, string[]>;

  beforeAll(() => {
    faults = check([...snippets, { line: 0, file: bad, code: 'const n: number = "one";' }]);
  }, 60_000);

  it('has the snippets that this test is about', () => {
    expect(snippets).toHaveLength(20);
  });

  for (const { line, file } of snippets) {
    it(`shows code at line ${line} that compiles`, () => {
      expect(faults.get(file)).toEqual([]);
    });
  }

  it('is checked by a compiler that finds mistakes', () => {
    expect(faults.get(bad)).toEqual(["Type 'string' is not assignable to type 'number'."]);
  });

  it('names only files and headings that are there', () => {
    const document = readFileSync(at('README.md'), 'utf8');
    const anchors = [...document.matchAll(/^#+ (.*)$/gm)].map(({ 1: heading = '' }) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...document.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(({ 1: target = '' }) => target);
    expect(links.length).toBeGreaterThan(0);
    const broken = links.filter((target) =>
      target.startsWith('#')
        ? !anchors.includes(target.slice(1))
        : !ts.sys.fileExists(at(target)) && !ts.sys.directoryExists(at(target)),
    );
    expect(broken).toEqual([]);
  });
});
