import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Builds the pages, and returns what takes the place of `DASHBOARD_FILES` of `lib/dashboard/files.ts`. */
export async function dashboardFiles() {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: 'es2022',
      // These know light-dark(): older ones would get a second set of all colours.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: false,
      cssCodeSplit: false,
      rolldownOptions: { input: `${root}main.tsx`, output: { codeSplitting: false, comments: { legal: true } } },
    },
  });
  const { output } = Array.isArray(result) ? result[0] : result;
  const find = (extension) => {
    const found = output.filter(({ fileName }) => fileName.endsWith(extension));
    if (found.length !== 1)
      throw new Error(`The dashboard must be built to one ${extension} file, got ${found.length}`);
    return found[0].type === 'chunk' ? found[0].code : String(found[0].source);
  };
  const file = (stem, extension, type, content) => {
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
    return { name: `${stem}-${hash}${extension}`, type, content };
  };
  return {
    script: file('dashboard', '.js', 'text/javascript; charset=utf-8', find('.js')),
    style: file('dashboard', '.css', 'text/css; charset=utf-8', find('.css')),
  };
}
