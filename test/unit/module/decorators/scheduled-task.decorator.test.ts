import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** What an editor offers at `|` in a program. */
function completionsAt(marked: string): readonly string[] {
  const file = `${root}test/editor.ts`;
  const source = `import { ScheduledTask } from 'nestjs-apscheduler';\n${marked}`;
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot(name) {
      const text = name === file ? source.replace('|', '') : ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => (name === file ? source.replace('|', '') : ts.sys.readFile(name)),
  });
  const { entries = [] } = service.getCompletionsAtPosition(file, source.indexOf('|'), {}) ?? {};
  return entries.map(({ name }) => name);
}

describe('An editor that completes @ScheduledTask', () => {
  it('offers the options of the trigger that was named, and of the job', { timeout: 60_000 }, () => {
    const offered = completionsAt(`class A { @ScheduledTask('interval', { se| }) run() {} }`);
    expect(offered).toEqual(expect.arrayContaining(['seconds', 'every', 'id', 'enabled', 'timeout']));
    expect(offered).not.toContain('charAt');
    expect(offered).not.toContain('dayOfWeek');
  });

  it.each([
    '(config: Config) => ({ se| })',
    '(config) => ({ se| })',
    'async (config) => ({ se| })',
    '(config) => { return { se| }; }',
  ])('offers the same in what a factory returns: %s', { timeout: 60_000 }, (factory) => {
    const config = 'class Config { readonly seconds = 5 }';
    const offered = completionsAt(
      `${config} class A { @ScheduledTask('interval', ${factory}, { inject: [Config] }) run() {} }`,
    );
    expect(offered).toEqual(expect.arrayContaining(['seconds', 'every', 'id', 'enabled', 'timeout']));
    expect(offered).not.toContain('charAt');
    expect(offered).not.toContain('dayOfWeek');
  });

  it('knows what a factory injects by its class', { timeout: 60_000 }, () => {
    const config = 'class Config { readonly period = 5 }';
    const factory = '(config) => ({ seconds: config.| })';
    expect(
      completionsAt(`${config} class A { @ScheduledTask('interval', ${factory}, { inject: [Config] }) run() {} }`),
    ).toEqual(['period']);
  });
});
