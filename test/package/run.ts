import { spawnSync } from 'node:child_process';

/**
 * Runs a command to its end.
 *
 * @returns what it wrote to its standard output.
 * @throws Error with all that it wrote when it fails.
 */
export function run(cwd: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env: environment() });
  if (status === 0) return stdout;
  // Where packages come from is nobody's business who reads the report.
  const output = `${stdout}\n${stderr}`.replaceAll(/https?:\/\/[^\s/]+/g, '<host>');
  throw new Error(`${[command, ...args].join(' ')} ended with ${status}:\n${output}`, { cause: error });
}

/** Without what npm and vitest tell their children: those would take it for their own configuration. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(lifecycle|package)|INIT_CWD|VITEST|NODE_ENV)/.test(name),
  );
  return { ...Object.fromEntries(kept), npm_config_audit: 'false', npm_config_fund: 'false' };
}
