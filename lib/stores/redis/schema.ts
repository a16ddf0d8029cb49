import { SchedulerError } from '../../engine/errors.js';
import type { Backend } from './backend.js';
import { script } from './scripts/script.js';

/** The version of the keys' format: increased when older releases cannot read it. */
const SCHEMA = 1;

const OPEN_SCHEMA = script(
  [],
  `
call('HSETNX', META, 'schema', ARGV[5])
return call('HGET', META, 'schema')
`,
);

/** @throws SchedulerError if the keys were written by a newer release */
export async function openSchema(backend: Backend): Promise<void> {
  const found = Number(await backend.run<string>(OPEN_SCHEMA, SCHEMA));
  if (found <= SCHEMA) return;
  const { prefix } = backend.options;
  const message = `its keys ${prefix}* are of a newer release (version ${found}, this one knows ${SCHEMA}); update nestjs-apscheduler, or use another namespace`;
  throw new SchedulerError('CONFIGURATION', message);
}
