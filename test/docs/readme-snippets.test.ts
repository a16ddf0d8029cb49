import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

interface Snippet {
  /** Where it stands, as `docs/jobs.md:12`. */
  readonly place: string;
  readonly file: string;
  readonly code: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const at = (path: string): string => join(root, path);
const topics = readdirSync(at('docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const roots = readdirSync(root).filter((name) => name.endsWith('.md'));
const documents = new Map([...roots, ...topics].map((path) => [path, readFileSync(at(path), 'utf8')]));

const bad = at('docs-snippets/bad.ts');
const snippets = [...documents].flatMap(([path, text]) => snippetsOf(path, text));

/** A snippet that names its file in its first line can be imported by the others, on any page. */
function snippetsOf(path: string, document: string): Snippet[] {
  return [...document.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = '', index }) => {
    const line = document.slice(0, index).split('\n').length;
    const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1] ?? `${path.replaceAll('/', '-')}-${line}.ts`;
    // `export {}` makes each snippet a module, even if it neither imports nor exports.
    return { place: `${path}:${line}`, file: at(`docs-snippets/${name}`), code: `${code}\nexport {};\n` };
  });
}

/** The compiler's errors for each snippet, under the project's own settings and against its sources. */
function check(files: readonly Pick<Snippet, 'file' | 'code'>[]): Map<string, string[]> {
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

describe('The snippets of the README and docs/', () => {
  let faults: Map<string, string[]>;

  beforeAll(() => {
    faults = check([...snippets, { file: bad, code: 'const n: number = "one";' }]);
  }, 60_000);

  it('are found, every fence of them, in a language that is known', () => {
    const fences = [...documents.values()].flatMap((text) =>
      [...text.matchAll(/^```(.*)$/gm)].map(([, language = '']) => language),
    );
    const opening = fences.filter((_, index) => index % 2 === 0);
    expect(fences.filter((_, index) => index % 2 === 1 && fences[index] !== '')).toEqual([]);
    expect(opening.filter((language) => !['ts', 'sh', 'json', 'text'].includes(language))).toEqual([]);
    expect(snippets).toHaveLength(opening.filter((language) => language === 'ts').length);
    expect(snippets.length).toBeGreaterThanOrEqual(20);
    expect(new Set(snippets.map(({ file }) => file)).size).toBe(snippets.length);
  });

  it.each(snippets)('compile at $place', ({ file }) => {
    expect(faults.get(file)).toEqual([]);
  });

  it('are checked by a compiler that finds mistakes', () => {
    expect(faults.get(bad)).toEqual(["Type 'string' is not assignable to type 'number'."]);
  });
});

/** The anchors that GitHub gives the headings of a document, and those that it sets itself. */
function anchorsOf(document: string): string[] {
  const headings = [...document.matchAll(/^#+ (.*)$/gm)].map(({ 1: heading = '' }) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...document.matchAll(/<a id="([\w-]+)">/g)].map(({ 1: id = '' }) => id)];
}

/** The links of a document to files of this repository: paths from its root, with their anchors. */
function linksOf(path: string): { readonly target: string; readonly anchor: string | undefined }[] {
  const text = documents.get(path) ?? '';
  return [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(({ 1: file = '', 2: anchor }) => ({
    target: file === '' ? path : normalize(join(dirname(path), file)),
    anchor,
  }));
}

describe('The README and docs/', () => {
  it.each([...documents.keys()])('link from %s only to files and headings that exist', (path) => {
    const broken = linksOf(path).filter(
      ({ target, anchor }) =>
        !ts.sys.fileExists(at(target)) ||
        (anchor !== undefined && !anchorsOf(documents.get(target) ?? '').includes(anchor)),
    );
    expect(broken).toEqual([]);
  });

  it('contain no markers of a merge', () => {
    const marked = [...documents].filter(([, text]) => /^(?:<<<<<<<|=======|>>>>>>>|> > > > > > >)/m.test(text));
    expect(marked.map(([path]) => path)).toEqual([]);
  });

  it('link only to each other, from what npm shows: its links lead to the repository', () => {
    const { files } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { files: string[] };
    // Pictures are shown where people read: on GitHub, and on npm from there.
    const isPicture = (target: string) => /^docs\/images\/[\w-]+\.png$/.test(target);
    const links = [...documents.keys()].filter((path) => files.includes(path)).flatMap((path) => linksOf(path));
    const isKnown = (target: string) => documents.has(target) || files.includes(target) || isPicture(target);
    expect(links.length).toBeGreaterThan(20);
    expect(links.map(({ target }) => target).filter((target) => !isKnown(target))).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { scripts: Record<string, string> };
    const named = [...documents.values()].flatMap((text) =>
      [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  it('name for each guarantee in ARCHITECTURE.md tests that exist', () => {
    const rows = [...(documents.get('ARCHITECTURE.md') ?? '').matchAll(/^\| +\d+ \|.*$/gm)].map(([row]) => row);
    expect(rows.length).toBeGreaterThan(20);
    const missing = rows.filter((row) => {
      const tests = [...row.matchAll(/`([\w./-]+\.ts)` "([^"]+)"/g)];
      const isThere = (file: string, name: string) =>
        ts.sys.fileExists(at(file)) && readFileSync(at(file), 'utf8').includes(name);
      return tests.length === 0 || !tests.every(([, file = '', name = '']) => isThere(file, name));
    });
    expect(missing).toEqual([]);
  });

  it('name only files and folders that exist', () => {
    const path = /`((?:lib|test|bench|docs|sample|lint)\/[\w./-]*)`/g;
    const named = [...documents.values()].flatMap((text) => [...text.matchAll(path)].map(([, name = '']) => name));
    expect(named.length).toBeGreaterThan(20);
    // The sample makes its database when it starts.
    const isThere = (name: string) =>
      name.endsWith('.db') || ts.sys.fileExists(at(name)) || ts.sys.directoryExists(at(name));
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });

  it('fit: the README has at most 250 lines, lists its own sections, and lists every page', () => {
    const readme = documents.get('README.md') ?? '';
    expect(readme.split('\n').length).toBeLessThanOrEqual(250);
    const links = linksOf('README.md');
    const sections = [...readme.matchAll(/^## (.*)$/gm)].map(({ 1: heading = '' }) => anchorsOf(`# ${heading}`)[0]);
    const contents = links.filter(({ target }) => target === 'README.md').map(({ anchor }) => anchor);
    expect(sections.filter((section) => section !== 'contents' && !contents.includes(section))).toEqual([]);
    const listed = new Set(links.map(({ target }) => target));
    expect(topics.filter((page) => !listed.has(page))).toEqual([]);
  });
});
